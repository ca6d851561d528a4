// Ends of jobs that webhooks are notified of, in Redis. The script that ends a job puts it here
// (lib/exports/job/journal.ts), so that nothing is lost whatever dies; it stays until a webhook has
// it, or is given up.
import type { KeyValue } from '../adapters/redis.ts';
import { readRecord } from '../exports/job/jobs.ts';
import type { FoundJob } from '../exports/job/lists.ts';

/** What one webhook is to get. */
export interface Delivery {
  /** Prefix of the key whose webhook it is. */
  key: string;
  /** As it is sent, each time. */
  body: string;
  /** How often it was sent in vain. */
  failures: number;
}

export interface Due {
  /** The job, as long as nobody has looked whom to notify. */
  ended: FoundJob | undefined;
  deliveries: Delivery[];
}

export interface Outbox {
  /**
   * What is due of a job; it is nobody else's for a minute.
   * @throws Fault `unavailable` when Redis does not answer, as all others
   */
  claim(jobId: string): Promise<Due>;
  /** Puts what each webhook gets in place of the end; nothing when that was done before. */
  spread(jobId: string, deliveries: readonly Pick<Delivery, 'key' | 'body'>[]): Promise<void>;
  /** The webhook has it, or is given up. */
  finish(jobId: string, key: string): Promise<void>;
  /** It is due again after some ms. */
  postpone(jobId: string, delivery: Delivery, ms: number): Promise<void>;
  /** Jobs of which something is due, the oldest first. */
  due(most: number): Promise<string[]>;
}

/** Longer than the function may take that sends, in ms. */
const LEASE_MS = 90_000;
/** A message may come this much before its time, in ms. */
const EARLY_MS = 500;

/**
 * KEYS[1] webhooks_due: jobs by the time of what is due next. `webhooks:{job_id}` has a field for
 * each delivery, named by its key: when it is due, failures and body.
 */
const COMMON = `
local prefix, id, now = string.sub(KEYS[1], 1, -1 - #'webhooks_due'), ARGV[1], tonumber(ARGV[2])
local key = prefix .. 'webhooks:' .. id
local function put(name, at, failures, body)
  redis.call('HSET', key, name, string.format('%.0f %s ', at, failures) .. body)
end
local function arrange()
  local all, next = redis.call('HGETALL', key), nil
  for at = 1, #all, 2 do
    local due = all[at] == 'ended' and now + ${LEASE_MS} or tonumber(string.match(all[at + 1], '^%d+'))
    if not next or due < next then next = due end
  end
  if next then redis.call('ZADD', KEYS[1], next, id) else redis.call('ZREM', KEYS[1], id) end
end
`;
/** ARGV: job, now. Answers the end of the job or '', then key, failures and body of what is due. */
const CLAIM = `
${COMMON}
local all, found = redis.call('HGETALL', key), { '' }
for at = 1, #all, 2 do
  if all[at] == 'ended' then found[1] = all[at + 1]
  else
    local due, failures, body = string.match(all[at + 1], '^(%d+) (%d+) (.*)$')
    if tonumber(due) <= now + ${EARLY_MS} then
      put(all[at], now + ${LEASE_MS}, failures, body)
      table.insert(found, all[at])
      table.insert(found, failures)
      table.insert(found, body)
    end
  end
end
arrange()
return found
`;
/** ARGV: job, now, then key and body of each delivery. */
const SPREAD = `
${COMMON}
if redis.call('HDEL', key, 'ended') == 1 then
  for at = 3, #ARGV, 2 do put(ARGV[at], now, '0', ARGV[at + 1]) end
  if #ARGV > 2 then redis.call('EXPIRE', key, 86400) end
end
arrange()
`;
/** ARGV: job, now, key, and for a delivery that is sent again when, failures, body. */
const SETTLE = `
${COMMON}
if not ARGV[4] then redis.call('HDEL', key, ARGV[3])
elseif redis.call('HEXISTS', key, ARGV[3]) == 1 then put(ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]) end
arrange()
`;
/** ARGV: now, most. */
const DUE = `return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])`;

function readEnded(jobId: string, text: string): FoundJob | undefined {
  const [, expires = '', raw = ''] = /^(\d+) (.*)$/s.exec(text) ?? [];
  const record = raw === '' ? undefined : readRecord(raw);
  return record && { jobId, record, expiresAt: new Date(Number(expires)) };
}

export const outbox = (store: KeyValue, clock: () => number = Date.now): Outbox => ({
  async claim(jobId) {
    const [ended = '', ...found] = (await store.script(CLAIM, 'webhooks_due', [jobId, clock()])) as string[];
    const deliveries: Delivery[] = [];
    for (let at = 0; at < found.length; at += 3)
      deliveries.push({ key: found[at]!, failures: Number(found[at + 1]), body: found[at + 2]! });
    return { ended: readEnded(jobId, ended), deliveries };
  },
  async spread(jobId, deliveries) {
    const fields = deliveries.flatMap(({ key, body }) => [key, body]);
    await store.script(SPREAD, 'webhooks_due', [jobId, clock(), ...fields]);
  },
  async finish(jobId, key) {
    await store.script(SETTLE, 'webhooks_due', [jobId, clock(), key]);
  },
  async postpone(jobId, { key, failures, body }, ms) {
    await store.script(SETTLE, 'webhooks_due', [jobId, clock(), key, clock() + ms, failures, body]);
  },
  due: async (most) => (await store.script(DUE, 'webhooks_due', [clock(), most])) as string[],
});
