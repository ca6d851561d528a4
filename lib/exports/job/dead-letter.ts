// The dead-letter function: what could not be done is written down, the job ends, and the message
// waits for the operator.
import { Fault, isFault } from '../../errors.ts';
import { log } from '../../log.ts';
import { type ExportMessage, identifyJob, LARGEST_INLINE } from './message.ts';
import type { Ports } from './ports.ts';

const USED_UP = 'all attempts failed';

type DeadLetterPorts = Pick<Ports, 'jobs' | 'parked' | 'announceEnd'>;

/**
 * No message of this program is longer (message.ts). A foreign message that fills the queue's limit
 * would not fit any more with its attributes.
 */
const LARGEST_PARKED = LARGEST_INLINE + 4 * 1024;

async function park(ports: DeadLetterPorts, text: string, reason: string, jobId?: string): Promise<void> {
  const bytes = Buffer.from(text);
  const cut = bytes.length > LARGEST_PARKED;
  const shown = cut
    ? `${reason.slice(0, 800)} (the first ${LARGEST_PARKED} of ${bytes.length} bytes are kept)`
    : reason;
  // SQS counts attributes as part of the message: a reason has at most 1,000 characters.
  const printable = shown.replace(/[^\x20-\x7e]/g, '?').slice(0, 1000);
  const body = cut ? bytes.subarray(0, LARGEST_PARKED).toString() : text;
  await ports.parked.send(body, { reason: printable, ...(jobId === undefined ? {} : { job_id: jobId }) });
  log.warn('message parked', { job_id: jobId, reason: printable });
}

/**
 * Ends the job of a message whose attempts are used up and parks the message with the reason.
 * @throws Fault `conflict` while a run of the job still shows signs of life: the message goes back
 *   and is looked at again.
 */
export async function deadLetterExport(ports: DeadLetterPorts, message: ExportMessage, text: string): Promise<void> {
  const { outcome, record, state } = await ports.jobs.deadLetter(identifyJob(message), USED_UP);
  if (outcome === 'alive') throw new Fault('conflict', 'the job is still being worked on');
  if (outcome === 'foreign') return park(ports, text, 'message carries the id of another job', message.job_id);
  if (outcome === 'ok') {
    log.warn('job failed', { job_id: message.job_id, reason: record?.error });
    if (message.owner !== undefined) await ports.announceEnd(message.job_id);
  }
  // The job had ended: the answer to an earlier attempt was lost, or the message is a duplicate.
  if (state === 'terminal' && record?.status !== 'failed')
    return log.info('dead message of an ended job', { job_id: message.job_id, status: record?.status });
  await park(ports, text, record?.error ?? USED_UP, message.job_id);
}

/** What cannot be read as a message names no job that could be trusted: it is only parked. */
export const parkUnreadable = (ports: DeadLetterPorts, fault: Fault, text: string): Promise<void> =>
  park(ports, text, isFault(fault) ? fault.message : USED_UP);
