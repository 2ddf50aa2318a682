-- ARGV: task, user, file, priority, the time in ms it must wait for (0: none) and the traceparent (empty: none),
-- for each item.
local at = now()
for index = 1, #ARGV, 6 do
  local task, user, file, priority, not_before, trace = unpack(ARGV, index, index + 5)
  if redis.call('HEXISTS', items, task) == 0 then
    local item = { task = task, user = user, file = file, priority = priority, attempt = 0, trace = trace }
    if tonumber(not_before) > at then
      redis.call('ZADD', delayed, not_before, task)
      write(item, 't')
    else
      make_ready(item, 'LPUSH')
    end
  end
end
return redis.status_reply('OK')
