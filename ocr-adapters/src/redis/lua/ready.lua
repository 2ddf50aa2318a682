-- Returns in how many ms something will be ready: 0 when something is, -1 when nothing is planned.
if count_ready() > 0 then
  return 0
end
local at, soonest = now(), -1
for _, set in ipairs({ delayed, leased }) do
  local first = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
  if first[2] then
    local left = math.max(0, tonumber(first[2]) - at)
    if soonest == -1 or left < soonest then
      soonest = left
    end
  end
end
return soonest
