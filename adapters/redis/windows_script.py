"""The script that counts in Redis: one round trip, atomic, by the clock of Redis."""

SCRIPT = """
-- KEYS since, processes, then of the shared rule: log, used, asking; then one log for each further rule
-- ARGV process, who, list?, now or '', shared limit, shared span, then limit and span of each further rule
-- A log holds moments in ms, newest first. Returns: wait in ms, processes that asked lately
local now = tonumber(ARGV[4])
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
  if ARGV[3] == '1' then return math.max(1, math.floor(limit - limit / 5)) end
  return limit
end

local wait = 0
local function free_at(moment, span)
  if moment then wait = math.max(wait, tonumber(string.match(moment, '^%d+')) + span - now) end
end
for at = 6, #KEYS do
  local limit, span = tonumber(ARGV[(at - 6) * 2 + 7]), tonumber(ARGV[(at - 6) * 2 + 8])
  free_at(redis.call('LINDEX', KEYS[at], room(limit, span) - 1), span)
end

local log, used, asking = KEYS[3], KEYS[4], KEYS[5]
local who, limit, span = ARGV[2], tonumber(ARGV[5]), tonumber(ARGV[6])
while true do
  local oldest = redis.call('LINDEX', log, -1)
  if not oldest then break end
  local moment, whose = string.match(oldest, '^(%d+) (.*)$')
  if tonumber(moment) > now - span then break end
  redis.call('RPOP', log)
  if redis.call('HINCRBY', used, whose, -1) <= 0 then redis.call('HDEL', used, whose) end
end
redis.call('ZREMRANGEBYSCORE', asking, '-inf', text(now - span))
redis.call('ZADD', asking, text(now), who)

local total, most = redis.call('LLEN', log), room(limit, span)
if total >= most then
  free_at(redis.call('LINDEX', log, most - 1), span)
elseif ARGV[3] == '1' then
  -- Whoever had a fair share already leaves room for what the others, who asked lately, may still want.
  local others = redis.call('ZRANGE', asking, 0, -1)
  local fair = math.ceil(most / #others)
  local had = redis.call('HMGET', used, unpack(others))
  local mine, reserved = 0, 0
  for at, other in ipairs(others) do
    local count = tonumber(had[at] or '0') or 0
    if other == who then mine = count else reserved = reserved + math.max(0, fair - count) end
  end
  if mine >= fair and total + reserved >= most then wait = math.max(wait, 5000) end
end

if wait <= 0 then
  redis.call('LPUSH', log, text(now) .. ' ' .. who)
  redis.call('HINCRBY', used, who, 1)
  for at = 6, #KEYS do
    local seen = false
    for before = 6, at - 1 do seen = seen or KEYS[before] == KEYS[at] end
    if not seen then
      redis.call('LPUSH', KEYS[at], text(now))
      redis.call('LTRIM', KEYS[at], 0, 1999)
      lives(KEYS[at], 120000)
    end
  end
end
for at = 3, 5 do lives(KEYS[at], 120000) end
return {math.ceil(wait), processes}
"""
