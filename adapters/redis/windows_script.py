"""The script that counts in Redis: one round trip, atomic, by the clock of Redis."""

SCRIPT = """
-- KEYS since, processes, then one log for each rule
-- ARGV process, list?, now or '', then limit and span of each rule
-- A log holds moments in ms, newest first. Returns: wait in ms, processes that asked lately
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function text(number) return string.format('%.0f', number) end
local function lives(key, ms) redis.call('PEXPIRE', key, ms) end

redis.call('SET', KEYS[1], text(now), 'NX')
local age = now - tonumber(redis.call('GET', KEYS[1]))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - 120000))
redis.call('ZADD', KEYS[2], text(now), ARGV[1])
lives(KEYS[2], 120000)
local processes = redis.call('ZCARD', KEYS[2])

-- A memory shorter than the window does not know what left before: a fifth is all that is safe then.
local function room(limit, span)
  if age < span then return math.max(1, math.floor(limit / 5)) end
  if ARGV[2] == '1' then return math.max(1, math.floor(limit - limit / 5)) end
  return limit
end

local wait = 0
for at = 3, #KEYS do
  local limit, span = tonumber(ARGV[at * 2 - 2]), tonumber(ARGV[at * 2 - 1])
  local moment = redis.call('LINDEX', KEYS[at], room(limit, span) - 1)
  if moment then wait = math.max(wait, tonumber(moment) + span - now) end
end

if wait <= 0 then
  for at = 3, #KEYS do
    local seen = false
    for before = 3, at - 1 do seen = seen or KEYS[before] == KEYS[at] end
    if not seen then
      redis.call('LPUSH', KEYS[at], text(now))
      redis.call('LTRIM', KEYS[at], 0, 1999)
      lives(KEYS[at], 120000)
    end
  end
end
return {math.ceil(wait), processes}
"""
