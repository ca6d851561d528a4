// Lists of jobs in Redis, as Lua: which jobs there are, in the order of their acceptance, and what
// changed about them. A list is cut into sections: the embedded engine saves a changed key whole.

/** Upper bounds in seconds of the buckets that waits and durations are counted in. */
export const WAIT_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200] as const;
export const DURATION_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 3_600] as const;

/** Entries of a section: with 128 a create takes 5 percent longer on the embedded engine. */
const SECTION = 32;
/** Entries that one script looks at: Redis does nothing else meanwhile. */
const MOST_LOOKED_AT = 2_560;

/**
 * On this channel, prefixed as keys are, each change of a record is announced: its version, the id
 * of its job, when it expires, now, and the record.
 */
export const CHANGES_CHANNEL = 'export_changes';

/** How long the end of a job is kept for webhooks, in seconds: longer than its last try takes. */
const KEPT_END_SECONDS = 86_400;

/**
 * What keeps a list. `jobs_log` has the number of the section that grows, `jobs_log:{section}` its
 * entries (`{job_id} {owner}`), and so has `changes_log`. The place of an entry is a number that
 * only ever rises, also when Redis has forgotten everything: it begins with the time. Needs prefix,
 * and time as Redis tells it.
 */
const LISTS = `
local function section_of(place) return math.floor((place - 1) / ${SECTION}) end
local function key_of(log, section) return string.format('%s%s:%.0f', prefix, log, section) end
local function growing(log) return tonumber(redis.call('GET', prefix .. log) or '-1') end
local function append(log, entry, seconds, time)
  local section = growing(log)
  local length = section >= 0 and redis.call('LLEN', key_of(log, section)) or 0
  -- A section that is no longer there is not begun again: its places were given away before.
  if length == 0 or length >= ${SECTION} then
    section, length = section >= 0 and section + 1 or math.floor((time[1] * 1000000 + time[2]) / ${SECTION}), 0
    redis.call('SET', prefix .. log, string.format('%.0f', section))
  end
  redis.call('RPUSH', key_of(log, section), entry)
  redis.call('EXPIRE', key_of(log, section), seconds)
  return section * ${SECTION} + length + 1
end
`;

/**
 * What a script of transitions.ts does about a record that it writes: gives it its place among the
 * jobs, and a version whenever something changes that a reader sees; announces that; counts it.
 * Needs prefix, id, time, now, ttl, retention.
 */
export const JOURNAL = `
${LISTS}
local function look(record)
  if not record then return '' end
  return table.concat({ tostring(record.status), tostring(record.progress), tostring(record.error), tostring(record.object_key) }, '\\n')
end
local function register(record)
  local entry = id .. ' ' .. (record.owner or '')
  if not record.place then record.place = string.format('%.0f', append('jobs_log', entry, retention + ttl, time)) end
  record.version = string.format('%.0f', append('changes_log', entry, ttl, time))
end
local function announce(record, raw, seconds)
  -- A Redis that lets nobody publish: those who wait look again at their end.
  redis.pcall('PUBLISH', prefix .. '${CHANGES_CHANNEL}', string.format('%s %s %.0f %.0f ', record.version, id, now + seconds * 1000, now) .. raw)
end
local function count(...) redis.call('HINCRBY', prefix .. 'job_figures', table.concat({ ... }, ' '), 1) end
local function measure(name, kind, ms, bounds)
  local at = 1
  while bounds[at] and ms > bounds[at] * 1000 do at = at + 1 end
  count(name, kind, tostring(at - 1))
  redis.call('HINCRBY', prefix .. 'job_figures', name .. ' ' .. kind .. ' sum', math.max(0, math.floor(ms)))
end
-- An end is kept for the webhooks of its owner (lib/webhooks/outbox.ts) by the script that writes it, as it is now: the record may be gone when it is sent.
local function keep_end(former, record, raw, seconds)
  local ended = record.status == 'completed' or record.status == 'failed'
  if not record.owner or not ended or (former and former ~= 'processing') then return end
  redis.call('HSET', prefix .. 'webhooks:' .. id, 'ended', string.format('%.0f ', now + seconds * 1000) .. raw)
  redis.call('EXPIRE', prefix .. 'webhooks:' .. id, ${KEPT_END_SECONDS})
  redis.call('ZADD', prefix .. 'webhooks_due', now, id)
end
local function tally(act, former, record)
  local kind, age = tostring(record.kind), now - (tonumber(record.created_ms) or now)
  if act == 'create' then count('submitted', kind) end
  if act == 'begin' and (record.runs or 1) == 1 then measure('wait', kind, age, { ${WAIT_BOUNDS.join()} }) end
  if former ~= 'processing' and former ~= nil or record.status == 'processing' then return end
  count('finished', kind, record.status)
  measure('duration', kind, age, { ${DURATION_BOUNDS.join()} })
end
`;

/** Needs KEYS[1], the number that a list is named by. */
const READING = `
local log = string.sub(KEYS[1], -11) == 'changes_log' and 'changes_log' or 'jobs_log'
local prefix = string.sub(KEYS[1], 1, -1 - #log)
${LISTS}
local function record_key(id) return prefix .. 'export_job:' .. id end
local function expires(id)
  local at = redis.pcall('PEXPIRETIME', record_key(id))
  if type(at) == 'number' then return at end
  local left, time = redis.call('PTTL', record_key(id)), redis.call('TIME')
  return left > 0 and time[1] * 1000 + math.floor(time[2] / 1000) + left or left
end
-- Whose jobs are wanted: '*' = everybody's, else '=' and an owner.
local function is_of(entry, wanted) return wanted == '*' or '=' .. string.sub(entry, 38) == wanted end
`;

/**
 * Jobs, the newest first. KEYS[1] jobs_log; ARGV: the place that they come before (0 = the newest),
 * most of them, whose. Answers the place to go on from (0 = that was all), then
 * for each job its id, when it expires and its record; a tombstone is no job.
 */
export const PAGE_SCRIPT = `
${READING}
local before, most, owner = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local found, looked = { '0' }, 0
local section = before > 0 and section_of(before - 1) or growing(log)
while section >= 0 do
  local entries = redis.call('LRANGE', key_of(log, section), 0, -1)
  -- Sections go in their order: before one that is gone there is none.
  if #entries == 0 then return found end
  for at = #entries, 1, -1 do
    local place = section * ${SECTION} + at
    if before == 0 or place < before then
      looked = looked + 1
      local id = string.sub(entries[at], 1, 36)
      local raw = is_of(entries[at], owner) and redis.call('GET', record_key(id))
      local readable, record = pcall(cjson.decode, raw or '')
      -- A record that was made again has a later place as well.
      local counts = readable and type(record) == 'table' and record.status ~= 'cancelled' and record.place == string.format('%.0f', place)
      if looked > ${MOST_LOOKED_AT} or (counts and #found > 3 * most) then
        found[1] = string.format('%.0f', place + 1)
        return found
      end
      if counts then
        table.insert(found, id)
        table.insert(found, string.format('%.0f', expires(id)))
        table.insert(found, raw)
      end
    end
  end
  section = section - 1
end
return found
`;

/**
 * Jobs that changed after a version, as they are now. KEYS[1] changes_log; ARGV: the version (below
 * 0 = none is asked for), most changes to look at, whose. Answers whether all since then are known,
 * the version up to which it looked, then as PAGE_SCRIPT, tombstones too.
 */
export const CHANGES_SCRIPT = `
${READING}
local place, most, owner = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local last, newest = growing(log), 0
if last >= 0 then newest = last * ${SECTION} + redis.call('LLEN', key_of(log, last)) end
if place < 0 or place == newest then return { '1', string.format('%.0f', newest) } end
local section = section_of(place + 1)
if place > newest or redis.call('EXISTS', key_of(log, section)) == 0 then return { '0', string.format('%.0f', newest) } end
local seen, found, stop = {}, { '1', '0' }, math.min(newest, place + most)
while place < stop do
  for _, entry in ipairs(redis.call('LRANGE', key_of(log, section), place - section * ${SECTION}, -1)) do
    local id = string.sub(entry, 1, 36)
    local raw = is_of(entry, owner) and not seen[id] and redis.call('GET', record_key(id))
    seen[id] = true
    if raw then
      table.insert(found, id)
      table.insert(found, string.format('%.0f', expires(id)))
      table.insert(found, raw)
    end
  end
  section = section + 1
  place = section * ${SECTION}
end
found[2] = string.format('%.0f', math.min(place, newest))
return found
`;

/**
 * Removes the oldest sections, as long as no record of theirs is there. KEYS[1] jobs_log; ARGV:
 * most sections to look at. Answers how many are gone.
 */
export const SWEEP_SCRIPT = `
${READING}
local last = growing(log)
if last < 0 then return 0 end
local first = last
while first > 0 and last - first < tonumber(ARGV[1]) and redis.call('EXISTS', key_of(log, first - 1)) == 1 do first = first - 1 end
local removed = 0
for section = first, last do
  for _, entry in ipairs(redis.call('LRANGE', key_of(log, section), 0, -1)) do
    if redis.call('EXISTS', record_key(string.sub(entry, 1, 36))) == 1 then return removed end
  end
  removed = removed + redis.call('DEL', key_of(log, section))
end
return removed
`;

/**
 * When the oldest job was accepted that has not ended, in ms since 1970 (0 = there is none), and
 * now. KEYS[1] jobs_log. `jobs_log:ended` is the place up to which all are known to have ended.
 */
export const OLDEST_SCRIPT = `
${READING}
local time, last = redis.call('TIME'), growing(log)
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if last < 0 then return { '0', now } end
local place = tonumber(redis.call('GET', KEYS[1] .. ':ended') or '0')
local first = last
while first > section_of(place + 1) and redis.call('EXISTS', key_of(log, first - 1)) == 1 do first = first - 1 end
place = math.max(place, first * ${SECTION})
local looked = 0
for section = first, last do
  for _, entry in ipairs(redis.call('LRANGE', key_of(log, section), place - section * ${SECTION}, -1)) do
    local readable, record = pcall(cjson.decode, redis.call('GET', record_key(string.sub(entry, 1, 36))) or '')
    local waits = readable and type(record) == 'table' and record.status == 'processing' and record.place == string.format('%.0f', place + 1)
    if waits or looked >= ${MOST_LOOKED_AT} then
      redis.call('SET', KEYS[1] .. ':ended', string.format('%.0f', place), 'EX', 86400)
      return { waits and string.format('%.0f', record.created_ms) or '0', now }
    end
    place, looked = place + 1, looked + 1
  end
  place = (section + 1) * ${SECTION}
end
redis.call('SET', KEYS[1] .. ':ended', string.format('%.0f', math.min(place, last * ${SECTION} + redis.call('LLEN', key_of(log, last)))), 'EX', 86400)
return { '0', now }
`;

/** Counts and measures of all jobs, as field and value in turn. KEYS[1] job_figures. */
export const FIGURES_SCRIPT = `return redis.call('HGETALL', KEYS[1])`;
