// One log entry and one row for each act that changes something, with the key that allowed it.
import type { Database } from '../adapters/postgres.ts';
import { errorMessage } from '../errors.ts';
import { log } from '../log.ts';
import type { Caller } from './guard.ts';
import { insertAudit } from './key-table.ts';

export type Audit = (caller: Caller | undefined, act: string, subject: string) => void;

/** The row is written behind the answer; where it cannot be, the entry in the log remains. */
export const makeAudit =
  (database: () => Database): Audit =>
  (caller, act, subject) => {
    if (caller === undefined || caller.key === 'local') return;
    log.info('audit', { key: caller.key, owner: caller.owner, act, subject });
    const entry = { key: caller.key, owner: caller.owner ?? '', act, subject };
    database()
      .write((queries) => insertAudit(queries, entry))
      .catch((error: unknown) => log.warn('an audit row could not be written', { act, reason: errorMessage(error) }));
  };
