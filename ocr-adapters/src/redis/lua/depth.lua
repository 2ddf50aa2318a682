-- Returns how many are ready, delayed, leased and dead.
local at = now()
local after = '(' .. string.format('%.0f', at)
local expired = redis.call('ZCOUNT', leased, '-inf', at)
local due = redis.call('ZCOUNT', delayed, '-inf', at)
return {
  count_ready() + expired + due,
  redis.call('ZCOUNT', delayed, after, '+inf'),
  redis.call('ZCOUNT', leased, after, '+inf'),
  redis.call('ZCARD', dead),
}
