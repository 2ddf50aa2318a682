-- ARGV: how many at most, and time in ms and task of the item they follow, or two empty strings.
-- Returns task, user, file, time and reason of each, newest first.
local maximum, before, last = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local found, offset = {}, 0
local from = before == '' and '+inf' or before
while #found / 5 < maximum do
  local page = redis.call('ZREVRANGEBYSCORE', dead, from, '-inf', 'WITHSCORES', 'LIMIT', offset, maximum)
  if #page == 0 then
    break
  end
  offset = offset + #page / 2
  for index = 1, #page, 2 do
    local task, at = page[index], page[index + 1]
    local item = read(task)
    -- Those of the same millisecond that came before.
    local seen = before ~= '' and tonumber(at) == tonumber(before) and task >= last
    if item and not seen and #found / 5 < maximum then
      for _, part in ipairs({ task, item.user, item.file, at, redis.call('HGET', reasons, task) or '' }) do
        found[#found + 1] = part
      end
    end
  end
end
return found
