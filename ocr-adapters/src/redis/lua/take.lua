-- KEYS: until when the rate of a key is taken up, in microseconds.
-- ARGV: what one request takes up, and for how long requests may take it up in advance, in microseconds.
-- Returns for how long it was taken up before this request, which counts if it is let through.
local interval, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000000 + tonumber(time[2])
local taken = tonumber(redis.call('GET', KEYS[1]) or '0') - at
if taken < 0 then
  taken = 0
elseif taken > most then
  taken = most
end
if taken + interval <= most then
  local expires = math.ceil((taken + interval) / 1000)
  redis.call('SET', KEYS[1], string.format('%.0f', at + taken + interval), 'PX', string.format('%.0f', expires))
end
return string.format('%.0f', taken)
