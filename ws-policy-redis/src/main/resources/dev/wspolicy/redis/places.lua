-- Counts the places of one key, writes how many this gateway has, and takes further ones.
--
-- KEYS[1]  a hash: the field is the name of a gateway, the value is its number of places, the
--          end of its lease, the time since when it has had its oldest place, and how many of
--          its places have ever been given to newer sessions. Times are in microseconds.
-- ARGV     1 the name of this gateway
--          2 its lease in milliseconds
--          3 the number of its places
--          4 how many of its places it knows to have been given away, or -1 if it has never asked:
--            what is written then is from a former process of the same name
--          5 the time since when it has had its oldest place, or 0
--          6 the prefix of the channels on which gateways are told to ask
--          7 for each of its places, the oldest first, 1 if it has been given back since the last
--            question; a place that has been given back needs not be given away
--          and for each place that it wants: the maximum, and REFUSE or CLOSE_OLDEST
-- Returns  the time, how many of its places have been given away, and for each wanted place 1
--          if it has been taken, otherwise 0

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local gateway = ARGV[1]
local ends = now + ARGV[2] * 1000
local known = math.max(tonumber(ARGV[4]), 0)
local new = tonumber(ARGV[4]) < 0
local oldest = tonumber(ARGV[5])

local function text(number)
  return string.format('%.0f', number)
end

local function write(name, count, lease, since, displaced)
  redis.call('HSET', KEYS[1], name,
      text(count) .. ' ' .. text(lease) .. ' ' .. text(since) .. ' ' .. text(displaced))
end

local displaced = known
local others = {}
local total = 0
local last = 0
local entries = redis.pcall('HGETALL', KEYS[1])
if entries.err then
  if not string.find(entries.err, 'WRONGTYPE', 1, true) then
    return redis.error_reply(entries.err)
  end
  -- Something else has left a key of this name, on which every question would fail.
  redis.call('UNLINK', KEYS[1])
  entries = {}
end
for i = 1, #entries, 2 do
  local count, lease, since, given = string.match(entries[i + 1], '^(%d+) (%d+) (%d+) (%d+)$')
  lease = tonumber(lease)
  if not lease or lease <= now then
    redis.call('HDEL', KEYS[1], entries[i])
  elseif entries[i] == gateway then
    if not new then
      displaced = math.max(displaced, tonumber(given))
    end
  else
    count = tonumber(count)
    total = total + count
    last = math.max(last, lease)
    others[#others + 1] = { name = entries[i], count = count, lease = lease,
        since = tonumber(since), displaced = tonumber(given) }
  end
end

for i = 1, math.min(displaced - known, #ARGV[7]) do
  if string.sub(ARGV[7], i, i) == '1' then
    displaced = displaced - 1
  end
end

local count = math.max(ARGV[3] - (displaced - known), 0)
local former = count
if count == 0 or oldest == 0 then
  oldest = now
end

local taken = {}
for i = 8, #ARGV, 2 do
  local max = tonumber(ARGV[i])
  if ARGV[i + 1] == 'CLOSE_OLDEST' then
    while total + count >= max do
      local victim = nil
      for _, other in ipairs(others) do
        if other.count > 0 and (not victim or other.since < victim.since) then
          victim = other
        end
      end
      if count > 0 and (not victim or oldest <= victim.since) then
        count = count - 1
        displaced = displaced + 1
        former = former - 1
        if former <= 0 then
          oldest = now
        end
      else
        victim.count = victim.count - 1
        victim.displaced = victim.displaced + 1
        victim.changed = true
        total = total - 1
      end
    end
  end
  if total + count < max then
    count = count + 1
    taken[#taken + 1] = '1'
  else
    taken[#taken + 1] = '0'
  end
end

for _, other in ipairs(others) do
  if other.changed then
    write(other.name, other.count, other.lease, other.since, other.displaced)
    redis.call('PUBLISH', ARGV[6] .. other.name, KEYS[1])
  end
end
if count > 0 or displaced > known then
  write(gateway, count, ends, oldest, displaced)
  last = math.max(last, ends)
else
  redis.call('HDEL', KEYS[1], gateway)
end
if last > 0 then
  redis.call('PEXPIRE', KEYS[1], text(math.ceil((last - now) / 1000)))
end
return text(now) .. ' ' .. text(displaced) .. ' ' .. table.concat(taken)
