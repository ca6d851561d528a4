// Whose turn it is: of all processes that keep a schedule, one takes each period.
import type { KeyValue } from '../../lib/adapters/redis.ts';

/**
 * KEYS[1] the schedule; ARGV: its period in ms. Answers 1 to the first who asks in a period, by the
 * clock of Redis.
 */
const TAKE = `
local time, period = redis.call('TIME'), tonumber(ARGV[1])
local now = string.format('%.0f', math.floor((time[1] * 1000 + math.floor(time[2] / 1000)) / period))
if redis.call('GET', KEYS[1]) == now then return 0 end
redis.call('SET', KEYS[1], now, 'PX', 2 * period)
return 1
`;

/**
 * Takes the period that runs now, unless somebody has. Who takes it and dies leaves the next one to
 * others.
 * @param schedule a name, the same in all processes @param ms length of a period
 * @throws Fault `unavailable` when Redis is
 */
export type TakePeriod = (schedule: string, ms: number) => Promise<boolean>;

export const makePeriods =
  (store: () => KeyValue): TakePeriod =>
  async (schedule, ms) =>
    (await store().script(TAKE, `schedule:${schedule}`, [ms])) === 1;
