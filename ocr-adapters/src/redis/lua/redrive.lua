-- ARGV: tasks. Returns how many of them were dead.
local count = 0
for _, task in ipairs(ARGV) do
  if redis.call('ZREM', dead, task) == 1 then
    redis.call('HDEL', reasons, task)
    local item = read(task)
    if item then
      make_ready(item, 'LPUSH')
      count = count + 1
    end
  end
end
return count
