package dev.wspolicy.redis;

import org.springframework.data.redis.core.script.RedisScript;

/**
 * The scripts that run in Redis. Each touches one key, or keys that share a hash tag, and
 * takes the time from Redis. Each returns a text.
 */
enum FleetScript {

	/**
	 * Renews the lease of a gateway. Arguments: its name, the lease in milliseconds.
	 * Returns the time, and the names of the live gateways.
	 */
	JOIN("""
			local t = redis.call('TIME')
			local now = t[1] * 1000 + math.floor(t[2] / 1000)
			redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
			redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - 60000))
			local live = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
			return string.format('%.0f ', now) .. table.concat(live, ' ')
			"""),

	/** Returns the time, and the names of the live gateways. */
	LIVE("""
			local t = redis.call('TIME')
			local now = t[1] * 1000 + math.floor(t[2] / 1000)
			local live = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
			return string.format('%.0f ', now) .. table.concat(live, ' ')
			"""),

	/** Ends the lease of a gateway. Argument: its name. */
	LEAVE("""
			redis.call('ZREM', KEYS[1], ARGV[1])
			return 'ok'
			"""),

	/**
	 * Begins to write the sessions of a gateway anew. Arguments: the epoch of the writer,
	 * the lease in milliseconds.
	 */
	BEGIN("""
			redis.call('UNLINK', KEYS[1], KEYS[2])
			redis.call('HSET', KEYS[1], '@epoch', ARGV[1])
			redis.call('PEXPIRE', KEYS[1], ARGV[2])
			return 'ok'
			"""),

	/**
	 * Writes changes. Arguments: the epoch, the lease in milliseconds, the state of the
	 * gateway or nothing, whether all sessions are written with this, the number of ended
	 * sessions, their ids, then ids and values of the others. Returns ok, gone if
	 * something of this gateway has been lost, or taken if another one uses its name.
	 */
	WRITE("""
			local epoch = redis.call('HGET', KEYS[1], '@epoch')
			if not epoch then return 'gone' end
			if epoch ~= ARGV[1] then return 'taken' end
			local function place(id, value)
				local seconds, nanos = string.match(value, '^%[(%d+),(%d+)')
				return string.format('%011d%09d', seconds, nanos) .. id
			end
			if ARGV[4] == '1' then redis.call('HSET', KEYS[1], '@complete', '1') end
			local ended = tonumber(ARGV[5])
			if ended > 0 then
				local values = redis.call('HMGET', KEYS[1], unpack(ARGV, 6, 5 + ended))
				local places = {}
				for i, value in ipairs(values) do
					if value then places[#places + 1] = place(ARGV[5 + i], value) end
				end
				if #places > 0 then redis.call('ZREM', KEYS[2], unpack(places)) end
				redis.call('HDEL', KEYS[1], unpack(ARGV, 6, 5 + ended))
			end
			if #ARGV > 5 + ended then
				redis.call('HSET', KEYS[1], unpack(ARGV, 6 + ended, #ARGV))
				local places = {}
				for i = 6 + ended, #ARGV, 2 do
					places[#places + 1] = '0'
					places[#places + 1] = place(ARGV[i], ARGV[i + 1])
				end
				redis.call('ZADD', KEYS[2], unpack(places))
			end
			if ARGV[3] ~= '' then
				local t = redis.call('TIME')
				local now = t[1] * 1000 + math.floor(t[2] / 1000)
				redis.call('HSET', KEYS[1], '@state', ARGV[3], '@at', string.format('%.0f', now))
				redis.call('PEXPIRE', KEYS[1], ARGV[2])
				redis.call('PEXPIRE', KEYS[2], ARGV[2])
				local other = redis.call('HEXISTS', KEYS[1], '@complete') == 1 and 4 or 3
				if redis.call('ZCARD', KEYS[2]) ~= redis.call('HLEN', KEYS[1]) - other then return 'gone' end
			end
			return 'ok'
			"""),

	/** Removes the sessions of a gateway. Argument: the epoch. */
	END("""
			if redis.call('HGET', KEYS[1], '@epoch') == ARGV[1] then redis.call('UNLINK', KEYS[1], KEYS[2]) end
			return 'ok'
			"""),

	/**
	 * Returns number of fields, time of the last report, and state of a gateway, or
	 * nothing if they have not been written.
	 */
	STATE("""
			local state = redis.call('HMGET', KEYS[1], '@at', '@state', '@complete')
			if not state[1] or not state[2] then return '' end
			return redis.call('HLEN', KEYS[1]) - (state[3] and 4 or 3) .. ' ' .. state[1] .. ' ' .. state[2]
			"""),

	/**
	 * Returns a page of the sessions of a gateway: their total number and whether all
	 * have been written, then ids and values, one a line. Arguments: where the page
	 * begins, and how many sessions it has.
	 */
	PAGE("""
			local total = redis.call('ZCARD', KEYS[2])
			local complete = redis.call('HEXISTS', KEYS[1], '@complete')
			local lines = { total .. ' ' .. complete }
			local places = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], '+', 'LIMIT', 0, ARGV[2])
			for first = 1, #places, 1000 do
				local ids = {}
				for i = first, math.min(first + 999, #places) do
					ids[#ids + 1] = string.sub(places[i], 21)
				end
				local values = redis.call('HMGET', KEYS[1], unpack(ids))
				for i, id in ipairs(ids) do
					if values[i] then
						lines[#lines + 1] = id
						lines[#lines + 1] = values[i]
					end
				end
			end
			return table.concat(lines, '\\n')
			"""),

	/**
	 * Searches some of the sessions of a gateway: returns the cursor of the next ones,
	 * then names and values of fields, one a line. Arguments: the cursor, about how many,
	 * and the texts that a value has to contain.
	 */
	SEARCH("""
			local found = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
			local lines = { found[1] }
			local fields = found[2]
			for i = 1, #fields, 2 do
				local matches = true
				for j = 3, #ARGV do
					matches = matches and string.find(fields[i + 1], ARGV[j], 1, true)
				end
				if matches or string.sub(fields[i], 1, 1) == '@' then
					lines[#lines + 1] = fields[i]
					lines[#lines + 1] = fields[i + 1]
				end
			end
			return table.concat(lines, '\\n')
			"""),

	/** Returns the ids of the last command and of the last answer to a gateway. */
	LAST("""
			local function last(key)
				local entries = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
				return entries[1] and entries[1][1] or '0-0'
			end
			return last(KEYS[1]) .. ' ' .. last(KEYS[2])
			"""),

	/**
	 * Answers a command. Arguments: the maximum length of the stream, the id of the
	 * command, the answer.
	 */
	REPLY("""
			local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'id', ARGV[2], 'answer', ARGV[3])
			redis.call('PEXPIRE', KEYS[1], 60000)
			return id
			"""),

	/** Forgets a key. */
	REMOVE("""
			redis.call('UNLINK', KEYS[1])
			return 'ok'
			"""),

	/**
	 * Adds revocations, and removes those that have expired. Arguments: ends in
	 * milliseconds and revocations.
	 */
	REVOKE("""
			local t = redis.call('TIME')
			local now = t[1] * 1000 + math.floor(t[2] / 1000)
			redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
			if #ARGV > 0 then redis.call('ZADD', KEYS[1], unpack(ARGV)) end
			local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
			if last[2] then redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2])) end
			return 'ok'
			"""),

	/**
	 * Returns whether a revocation is there, {@code 1} or {@code 0}, and the one that
	 * ends last. Argument: the revocation, or nothing.
	 */
	CHECK_REVOKED("""
			local last = redis.call('ZRANGE', KEYS[1], -1, -1)
			return (redis.call('ZSCORE', KEYS[1], ARGV[1]) and '1' or '0') .. (last[1] or '')
			"""),

	/**
	 * Keeps overrides. Arguments: the time to live in milliseconds, whether to replace
	 * what there is for the same policies, then policies and overrides.
	 */
	PUT_OVERRIDES("""
			if redis.call('HEXISTS', KEYS[1], '@since') == 0 then
				local t = redis.call('TIME')
				redis.call('HSET', KEYS[1], '@since', t[1] .. '.' .. t[2])
			end
			for i = 3, #ARGV, 2 do
				if ARGV[2] == '1' or redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then
					redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
				end
			end
			redis.call('PEXPIRE', KEYS[1], ARGV[1])
			return 'ok'
			"""),

	/** Removes overrides. Arguments: the policies. */
	REMOVE_OVERRIDES("""
			redis.call('HDEL', KEYS[1], unpack(ARGV))
			return 'ok'
			"""),

	/**
	 * Keeps overrides for longer. Argument: the time to live in milliseconds. Returns
	 * since when Redis has had overrides without losing them, or nothing.
	 */
	KEEP_OVERRIDES("""
			redis.call('PEXPIRE', KEYS[1], ARGV[1])
			return redis.call('HGET', KEYS[1], '@since') or ''
			""");

	private final RedisScript<String> script;

	FleetScript(String lua) {
		this.script = RedisScript.of(lua, String.class);
	}

	RedisScript<String> script() {
		return this.script;
	}

}
