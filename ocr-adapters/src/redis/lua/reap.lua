-- ARGV: how many at most. Returns how many leases had run out.
local count = give_back_expired(now(), tonumber(ARGV[1]))

-- Somebody else may take from the list, or delete it; then the notes of this queue say `waiting` of
-- items that are nowhere, which would keep them from being added again. The counts tell.
local noted = redis.call('HLEN', items)
local elsewhere = redis.call('ZCARD', leased) + redis.call('ZCARD', delayed) + redis.call('ZCARD', dead)
if noted - elsewhere <= count_ready() then
  return count
end
local waiting = {}
for _, priority in ipairs(lists()) do
  for _, text in ipairs(redis.call('LRANGE', list_of(priority), 0, -1)) do
    waiting[text] = true
  end
end
local sets = { l = leased, t = delayed, d = dead }
for _, task in ipairs(redis.call('HKEYS', items)) do
  local item = read(task)
  local there = false
  if item and item.place == 'w' then
    there = waiting[payload(item)]
  elseif item and sets[item.place] then
    there = redis.call('ZSCORE', sets[item.place], task)
  end
  if not there then
    redis.call('HDEL', items, task)
  end
end
return count
