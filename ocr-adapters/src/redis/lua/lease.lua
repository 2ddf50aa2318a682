-- ARGV: how many at most, and for how long in ms.
-- Returns the end of the leases in ms, their attempt, how many malformed items were set aside, and
-- task, user, file and traceparent (empty: none) of each lease.
local maximum, ttl = tonumber(ARGV[1]), tonumber(ARGV[2])
-- How many items that are no work may be passed over, so that nobody can keep the server busy.
local patience = maximum + 1000
local at = now()

give_back_expired(at, maximum)
for _, task in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', at, 'LIMIT', 0, maximum)) do
  redis.call('ZREM', delayed, task)
  local item = read(task)
  if item then
    make_ready(item, 'LPUSH')
  end
end

local function id(text)
  local pattern = '^' .. string.rep('%x', 8) .. string.rep('%-%x%x%x%x', 4) .. string.rep('%x', 8) .. '$'
  if type(text) == 'string' and string.match(text, pattern) then
    return string.lower(text)
  end
  return nil
end

-- The traceparent that a producer may add; empty when it is none.
local function traceparent(text)
  if type(text) == 'string' and #text == 55 and string.match(text, '^[%x%-]+$') then
    return text
  end
  return ''
end

-- The item that any producer pushed; nil when it is none.
local function parse(text, priority)
  local ok, pushed = pcall(cjson.decode, text)
  if not ok or type(pushed) ~= 'table' then
    return nil
  end
  local task, user, file = id(pushed.taskId), id(pushed.userId), id(pushed.fileId)
  if task and user and file then
    local trace = traceparent(pushed.traceparent)
    return { task = task, user = user, file = file, priority = priority, attempt = 0, trace = trace }
  end
  return nil
end

-- Grows for as long as the server remembers. Where it does not, the clock stands in: four for every
-- second since 2026.
local function next_attempt()
  if redis.call('EXISTS', fence) == 0 then
    redis.call('SET', fence, string.format('%.0f', math.max(0, math.floor(at / 1000) - 1767225600) * 4))
  end
  return redis.call('INCR', fence) % 4294967296
end

local leases, attempt, malformed = {}, 0, 0
local function take(text, priority)
  local pushed = parse(text, priority)
  if not pushed then
    malformed = malformed + 1
    redis.call('LPUSH', queue .. ':malformed', text)
    redis.call('LTRIM', queue .. ':malformed', 0, 999)
    return
  end
  local item = read(pushed.task) or pushed
  if item.place and item.place ~= 'w' then
    -- Pushed a second time while it is somewhere else already.
    return
  end
  if attempt == 0 then
    attempt = next_attempt()
  end
  item.attempt = attempt
  write(item, 'l')
  redis.call('ZADD', leased, at + ttl, item.task)
  leases[#leases + 1] = item.task
  leases[#leases + 1] = item.user
  leases[#leases + 1] = item.file
  leases[#leases + 1] = item.trace or ''
end

for _, priority in ipairs(lists()) do
  local list = list_of(priority)
  while #leases / 4 < maximum and patience > 0 do
    local count = math.min(maximum - #leases / 4, patience)
    local popped = redis.call('RPOP', list, count)
    if not popped then
      redis.call('ZREM', priorities, priority)
      break
    end
    patience = patience - #popped
    for _, text in ipairs(popped) do
      take(text, priority)
    end
  end
end
return { at + ttl, attempt, malformed, leases }
