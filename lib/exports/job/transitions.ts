// The law of a job's record: one table of acts and states, executed by one Lua script
// (compare-and-set inside Redis). docs/EXPORT_STATUS_TRACKING.md and the
// property test are checked against TRANSITIONS.
import { JOURNAL } from './journal.ts';

/**
 * How an act sees the record: its run is the acting one (`same`), another or none yet (`other`), or
 * the job has ended (`terminal`).
 */
export type State = 'absent' | 'same' | 'other' | 'terminal';

/**
 * What an act does there:
 * - write: merges the act's fields into the record (or makes it) and renews its hour.
 * - tombstone: the record becomes `cancelled` and lives as long as the queue keeps messages.
 * - quiet: `write`, unless a heartbeat came within QUIET_MS or the request's digest is another one:
 * then `alive` or `foreign`.
 * - own: `write` if the request's digest is the record's, else `foreign`.
 * - young: `write`, if the message is younger than the queue's retention, else `refused`.
 * - renew: the record is given back, its hour renewed (once RENEWED of it is over), until it has
 * waited longer than the retention: then it fails.
 * - give: the record is given back as it is.
 * - refused: nothing is written.
 */
export type Rule = 'write' | 'own' | 'tombstone' | 'quiet' | 'young' | 'renew' | 'give' | 'refused';

export const TRANSITIONS = {
  create: { absent: 'write', same: 'refused', other: 'refused', terminal: 'refused' },
  begin: { absent: 'young', same: 'refused', other: 'own', terminal: 'refused' },
  progress: { absent: 'refused', same: 'write', other: 'refused', terminal: 'refused' },
  complete: { absent: 'refused', same: 'write', other: 'write', terminal: 'refused' },
  fail: { absent: 'refused', same: 'write', other: 'refused', terminal: 'refused' },
  deadLetter: { absent: 'write', same: 'quiet', other: 'quiet', terminal: 'refused' },
  cancel: { absent: 'refused', same: 'tombstone', other: 'tombstone', terminal: 'tombstone' },
  read: { absent: 'refused', same: 'renew', other: 'renew', terminal: 'give' },
} as const satisfies Record<string, Record<State, Rule>>;

export type Act = keyof typeof TRANSITIONS;

/**
 * A consumer that wrote no heartbeat for this long is taken for dead by the dead-letter function.
 */
export const QUIET_MS = 30_000;

/**
 * How much of a record's hour, as a part of it, is over before a read renews it: until then the
 * read writes nothing, and a page that asks every second costs no save.
 */
export const RENEWED = 0.01;

/**
 * What most reads need, without the work of TRANSITION_SCRIPT: the record as it is, when it
 * expires and now, in ms; nothing where Redis cannot tell (before 7). What it means is said by the
 * same table (jobs.ts).
 */
export const LOOK_SCRIPT = `
local expires = redis.pcall('PEXPIRETIME', KEYS[1])
if type(expires) ~= 'number' then return false end
local time = redis.call('TIME')
return { redis.call('GET', KEYS[1]) or '', string.format('%.0f', expires), string.format('%s%03d', time[1], math.floor(time[2] / 1000)) }
`;

/**
 * Ended jobs that an owner with a limit has at a time: all are looked at before each new one, and
 * Redis does nothing else meanwhile.
 */
export const MOST_ENDED = 2_000;

/** A table in Lua's own words: decoding JSON would cost each call as much as its act. */
const LAW = Object.entries(TRANSITIONS)
  .map(([act, rules]) => `${act}={${Object.entries(rules).map(([state, rule]) => `${state}='${rule}'`)}}`)
  .join(',');

/**
 * KEYS[1] the record; ARGV: act, run, base (JSON, what an absent record starts from), fields (JSON
 * merged into the record), ttl in s, retention in s, deadline in ms (create only; 0 = none),
 * created_ms (begin only: when the job was created), digest (begin and deadLetter), most waiting
 * jobs and most bytes of the owner (create only; 0 = no limit). Answers
 * {outcome, state, record, when it expires in ms since 1970 (not above 0: never), now_ms}.
 */
export const TRANSITION_SCRIPT = `
local law = {${LAW}}
local act, run, base, fields = ARGV[1], ARGV[2], cjson.decode(ARGV[3]), cjson.decode(ARGV[4])
local ttl, retention, deadline, created, digest = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local prefix, id = string.match(KEYS[1], '^(.*)export_job:(.*)$')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local raw = redis.call('GET', KEYS[1])
${JOURNAL}
-- What is not a record is as good as none: the next begin makes it again from the message.
local readable, record = pcall(cjson.decode, raw or '')
if not readable or type(record) ~= 'table' then record, raw = nil, false end
local state
if not record then state = 'absent'
elseif record.status ~= 'processing' then state = 'terminal'
elseif run ~= '' and record.run == run then state = 'same'
else state = 'other' end

local function answer(outcome)
  -- The instant itself: what is left of it, added to a clock that was read before, differs by a millisecond from one answer to the next.
  local expires = redis.pcall('PEXPIRETIME', KEYS[1])
  if type(expires) ~= 'number' then
    -- Redis before 7.
    expires = redis.call('PTTL', KEYS[1])
    if expires > 0 then expires = now + expires end
  end
  return { outcome, state, raw or '', string.format('%.0f', expires), string.format('%.0f', now) }
end
-- What an owner has: a hash of the ids of his jobs, each with when it was made, when it expires and
-- its bytes (-1: it is processing). It lives as long as the last of them.
local function note(seconds)
  if not record.owner then return end
  local index = prefix .. 'jobs_of:' .. record.owner
  if record.status == 'cancelled' then redis.call('HDEL', index, id) return end
  local bytes = record.status == 'processing' and -1 or (record.file_size_bytes or 0) + (record.result_size_bytes or 0)
  redis.call('HSET', index, id, string.format('%.0f %.0f %.0f', record.created_ms or now, now + seconds * 1000, bytes))
  if redis.call('TTL', index) < seconds then redis.call('EXPIRE', index, seconds) end
end
local function exceeds(owner, waiting, most)
  local index = prefix .. 'jobs_of:' .. owner
  local held, jobs, ended, bytes = redis.call('HGETALL', index), 0, 0, 0
  for at = 1, #held, 2 do
    local expires, size = string.match(held[at + 1], '^%S+ (%S+) (%S+)$')
    if tonumber(expires) < now then redis.call('HDEL', index, held[at])
    elseif size == '-1' then jobs = jobs + 1
    else ended, bytes = ended + 1, bytes + tonumber(size) end
  end
  if waiting > 0 and jobs >= waiting then return 'crowded' end
  if most > 0 and (bytes >= most or ended >= ${MOST_ENDED}) then return 'full' end
end
local function write(seconds)
  local former, seen = record and record.status, look(record)
  record = record or base
  for name, value in pairs(fields) do record[name] = value end
  local changed = look(record) ~= seen
  if changed then register(record) end
  raw = cjson.encode(record)
  redis.call('SET', KEYS[1], raw, 'EX', seconds)
  note(seconds)
  tally(act, former, record)
  keep_end(former, record, raw, seconds)
  if changed then announce(record, raw, seconds) end
end

local rule = law[act][state]
if rule == 'refused' then return answer('refused') end
if rule == 'give' then return answer('ok') end
if rule == 'young' then
  if now - created > retention * 1000 then return answer('refused') end
  rule = 'write'
end
if rule == 'own' or rule == 'quiet' then
  if record.request_digest ~= digest then return answer('foreign') end
  if rule == 'quiet' and record.beat_at and now - record.beat_at < ${QUIET_MS} then return answer('alive') end
  rule = 'write'
end
if rule == 'tombstone' then
  if record.status == 'cancelled' then return answer('refused') end
  fields = { status = 'cancelled' }
  local before = raw
  write(retention)
  raw = before
  return answer('ok')
end
if rule == 'renew' then
  if type(record.created_ms) == 'number' and now - record.created_ms > retention * 1000 then
    fields = { status = 'failed', error = 'waited too long' }
    write(ttl)
  else
    redis.call('EXPIRE', KEYS[1], ttl)
    note(ttl)
  end
  return answer('ok')
end
if act == 'create' then
  if deadline > 0 and now > deadline then return answer('refused') end
  local excess = base.owner and exceeds(base.owner, tonumber(ARGV[10]), tonumber(ARGV[11]))
  if excess then return answer(excess) end
end
if act == 'begin' then
  fields.run = string.format('%.0f', time[1] * 1000000 + time[2])
  fields.runs = (record and record.runs or 0) + 1
end
if act == 'deadLetter' and record and record.last_error then fields.error = record.last_error end
-- A later run begins anew, but the bar that people watch never moves back.
if act == 'progress' and fields.progress and record then fields.progress = math.max(fields.progress, record.progress or 0) end
-- A run that writes its last error has ended: it sends no heartbeat any more.
if act == 'begin' or act == 'progress' then fields.beat_at = fields.last_error and 0 or now end
write(ttl)
return answer('ok')
`;
