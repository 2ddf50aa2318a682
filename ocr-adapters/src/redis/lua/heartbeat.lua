-- ARGV: task, attempt, and for how long from now in ms.
-- Returns the end of the lease in ms, or -1 when it has passed on.
local task, attempt, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not held(task, attempt) then
  return -1
end
local expires = now() + ttl
redis.call('ZADD', leased, expires, task)
return expires
