-- ARGV: task and attempt of each lease.
-- Returns the positions, from 1, of leases that have passed on.
local stale = {}
for index = 1, #ARGV, 2 do
  local task, attempt = ARGV[index], ARGV[index + 1]
  if held(task, attempt) then
    redis.call('ZREM', leased, task)
    redis.call('HDEL', items, task)
  else
    stale[#stale + 1] = (index + 1) / 2
  end
end
return stale
