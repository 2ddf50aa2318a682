-- What every script of the queue begins with: where items are, and how they move.
--
-- KEYS[1] LIST  items that are ready, of priority 0; producers LPUSH, workers take from the right.
--               `KEYS[1]:<priority>` holds those of another priority.
-- KEYS[2] HASH  task -> place, priority, attempt, user, file, traceparent if there is one
--               place: w = waiting in a list, t = waiting for its time, l = leased, d = dead
-- KEYS[3] ZSET  leased tasks by the end of their lease, in ms
-- KEYS[4] ZSET  delayed tasks by the time they are ready, in ms
-- KEYS[5] ZSET  dead tasks by the time they died, in ms
-- KEYS[6] HASH  task -> why it died
-- KEYS[7] ZSET  priorities, except 0, whose lists may hold something
-- KEYS[8]       the last attempt given to a lease
local queue, items, leased, delayed, dead, reasons, priorities, fence = unpack(KEYS)

-- The time of the server: workers need not agree on theirs.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read(task)
  local text = redis.call('HGET', items, task)
  if not text then
    return nil
  end
  local place, priority, attempt, user, file, trace = string.match(text, '^(%a) (%-?%d+) (%d+) (%S+) (%S+) ?(%S*)$')
  if not place then
    return nil
  end
  return {
    task = task, place = place, priority = priority, attempt = tonumber(attempt), user = user, file = file,
    trace = trace,
  }
end

local function write(item, place)
  local text = table.concat({ place, item.priority, string.format('%.0f', item.attempt), item.user, item.file }, ' ')
  if item.trace and item.trace ~= '' then
    text = text .. ' ' .. item.trace
  end
  redis.call('HSET', items, item.task, text)
end

local function payload(item)
  local trace = ''
  if item.trace and item.trace ~= '' then
    trace = string.format(',"traceparent":"%s"', item.trace)
  end
  return string.format('{"taskId":"%s","userId":"%s","fileId":"%s"%s}', item.task, item.user, item.file, trace)
end

local function list_of(priority)
  if priority == '0' then
    return queue
  end
  return queue .. ':' .. priority
end

-- Makes an item ready: behind all others with LPUSH, before them with RPUSH.
local function make_ready(item, push)
  if item.priority ~= '0' then
    redis.call('ZADD', priorities, item.priority, item.priority)
  end
  redis.call(push, list_of(item.priority), payload(item))
  write(item, 'w')
end

-- Makes up to `limit` items ready whose lease has run out, and says how many.
local function give_back_expired(at, limit)
  local expired = redis.call('ZRANGEBYSCORE', leased, '-inf', at, 'LIMIT', 0, limit)
  for _, task in ipairs(expired) do
    redis.call('ZREM', leased, task)
    local item = read(task)
    if item then
      make_ready(item, 'RPUSH')
    end
  end
  return #expired
end

-- The item that a lease still holds; one that has run out counts until somebody takes the item over.
local function held(task, attempt)
  local item = read(task)
  if item and item.place == 'l' and item.attempt == tonumber(attempt) then
    return item
  end
  return nil
end

-- Lists in the order they are emptied.
local function lists()
  local order, below = {}, {}
  for _, priority in ipairs(redis.call('ZREVRANGE', priorities, 0, -1)) do
    if tonumber(priority) > 0 then
      order[#order + 1] = priority
    else
      below[#below + 1] = priority
    end
  end
  order[#order + 1] = '0'
  for _, priority in ipairs(below) do
    order[#order + 1] = priority
  end
  return order
end

local function count_ready()
  local count = 0
  for _, priority in ipairs(lists()) do
    count = count + redis.call('LLEN', list_of(priority))
  end
  return count
end
