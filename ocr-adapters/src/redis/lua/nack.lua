-- ARGV: task, attempt, and one of: `release`; `retry` and a delay in ms; `dead` and a reason.
-- Returns 0 when the lease has passed on.
local task, attempt, how, detail = unpack(ARGV)
local item = held(task, attempt)
if not item then
  return 0
end
redis.call('ZREM', leased, task)
if how == 'release' then
  make_ready(item, 'RPUSH')
elseif how == 'retry' then
  redis.call('ZADD', delayed, now() + tonumber(detail), task)
  write(item, 't')
else
  redis.call('ZADD', dead, now(), task)
  redis.call('HSET', reasons, task, detail)
  write(item, 'd')
end
return 1
