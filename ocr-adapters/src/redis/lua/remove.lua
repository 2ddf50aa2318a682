-- ARGV: tasks.
for _, task in ipairs(ARGV) do
  local item = read(task)
  if item then
    if item.place == 'w' then
      redis.call('LREM', list_of(item.priority), 0, payload(item))
    end
    redis.call('ZREM', leased, task)
    redis.call('ZREM', delayed, task)
    redis.call('ZREM', dead, task)
    redis.call('HDEL', reasons, task)
    redis.call('HDEL', items, task)
  end
end
return redis.status_reply('OK')
