// GET /api/events: one stream of events about all jobs that a reader may see. A reader who was away
// gets every job that changed meanwhile. https://html.spec.whatwg.org/multipage/server-sent-events.html
import { Readable } from 'node:stream';
import { Fault } from '../../errors.ts';
import type { Change, Changes } from './changes.ts';
import { isVisibleTo, type Viewer } from './jobs.ts';
import type { ChangedJobs, FoundJob, JobLists } from './lists.ts';

/** A comment keeps proxies from closing the stream, and tells the reader that it is open, in ms. */
const HEARTBEAT_MS = 15_000;
/** A reader that takes less than it is sent loses the stream and resumes it, in bytes. */
const MOST_UNREAD = 256 * 1_024;
/** After this a reader comes back, in ms. */
const RETRY_MS = 1_000;
/** Newest jobs that a reader gets who was away for longer than Redis knows changes of. */
const MOST_OF_ALL = 1_000;
const PAGE = 100;
/** Changes that are kept while a reader takes those before; with more it comes back for them. */
const MOST_PENDING = 1_000;

export interface Listener {
  viewer: Viewer;
  /** The header Last-Event-ID. */
  lastEventId: string | undefined;
  /** Whether the reader may still listen, e.g. whether the key lives; asked with each heartbeat. */
  mayListen: () => Promise<boolean>;
  /** What readers see of a job that is not cancelled. */
  show: (job: FoundJob) => object;
}

interface EventsPorts {
  changes: Changes;
  lists: JobLists;
}

/**
 * One event. Data is JSON, which has no line feeds.
 * @param id undefined: the reader keeps its last one
 */
const write = (id: number | undefined, event: string, data: object): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

class EventStream extends Readable {
  private readonly ports: EventsPorts;
  private readonly listener: Listener;
  /** The version of the last event, or of the last change that is not for this reader. */
  private version = -1;
  /** Changes that are heard of while those before are looked up and sent. */
  private pending: Change[] | undefined = [];
  private isBehind = false;
  private isOver = false;
  private leave: () => void = () => undefined;
  private onRoom: () => void = () => undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(ports: EventsPorts, listener: Listener) {
    super({ encoding: 'utf8' });
    this.ports = ports;
    this.listener = listener;
    this.timer = setInterval(() => void this.beat(), HEARTBEAT_MS);
  }

  /**
   * @returns whether there was room for one more
   * @throws Fault `unavailable` when Redis does not answer
   */
  async open(): Promise<boolean> {
    const leave = await this.ports.changes.watch({
      onChange: (change) => this.hear(change),
      // The reader comes back with what it knows.
      onMissed: () => void this.catchUp(),
      onEnding: () => this.finish(),
    });
    if (leave === undefined) return false;
    this.leave = leave;
    this.push(`retry: ${RETRY_MS}\n\n`);
    const { lastEventId = '' } = this.listener;
    if (/^\d{1,16}$/.test(lastEventId)) this.version = Number(lastEventId);
    // Sent as the reader takes it: that may be more than a stream holds.
    void this.tellAll(await this.look());
    return true;
  }

  override _read(): void {
    this.onRoom();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.timer);
    this.leave();
    this.onRoom();
    done(error);
  }

  private look(): Promise<ChangedJobs> {
    return this.ports.lists.changedSince(this.listener.viewer, this.version);
  }

  /** Everything that changed after the last event, once more when that is being sent already. */
  private async catchUp(): Promise<void> {
    if (this.pending !== undefined) {
      this.isBehind = true;
      return;
    }
    this.pending = [];
    await this.look()
      .then((found) => this.tellAll(found))
      .catch(() => this.destroy());
  }

  /** What changed, then what was heard of meanwhile. */
  private async tellAll(found: ChangedJobs): Promise<void> {
    try {
      await this.tellChanged(found);
      while (this.isBehind) {
        this.isBehind = false;
        await this.tellChanged(await this.look());
      }
    } catch {
      this.destroy();
    }
    const heard = this.pending ?? [];
    this.pending = undefined;
    for (const change of heard) this.send(change);
  }

  private async tellChanged({ isKnown, jobs, version }: ChangedJobs): Promise<void> {
    if (this.version < 0) this.say(write(version, 'open', {}));
    else if (!isKnown) await this.startOver(version);
    for (const job of jobs) await this.tellInTime(Number(job.record.version), job);
    this.version = isKnown ? Math.max(this.version, version) : version;
  }

  /**
   * What the reader knows may be gone: all that there is follows. Its last id changes at the end
   * only: a reader that is cut off before has to start over again.
   */
  private async startOver(version: number): Promise<void> {
    this.say(write(undefined, 'reset', {}));
    let before = 0;
    const found: FoundJob[] = [];
    do {
      const { jobs, next } = await this.ports.lists.page(this.listener.viewer, before, PAGE);
      found.push(...jobs);
      before = next ?? 0;
    } while (before > 0 && found.length < MOST_OF_ALL);
    for (const job of found.reverse()) await this.tellInTime(undefined, job);
    this.say(`id: ${version}\n\n`);
  }

  private hear(change: Change): void {
    if (this.pending === undefined) this.send(change);
    else if (this.pending.push(change) > MOST_PENDING) this.destroy();
  }

  private send(change: Change): void {
    if (change.version <= this.version) return;
    this.version = change.version;
    if (isVisibleTo(change.record, this.listener.viewer)) this.tell(change.version, change);
  }

  private tell(version: number | undefined, job: FoundJob): void {
    const isGone = job.record.status === 'cancelled';
    this.say(write(version, isGone ? 'gone' : 'job', isGone ? { job_id: job.jobId } : this.listener.show(job)));
  }

  /** Returns when the reader has taken most of what there was. */
  private async tellInTime(version: number | undefined, job: FoundJob): Promise<void> {
    this.tell(version, job);
    while (!this.destroyed && !this.isOver && this.readableLength >= this.readableHighWaterMark)
      await new Promise<void>((resolve) => {
        this.onRoom = resolve;
      });
  }

  private say(text: string): void {
    if (this.destroyed || this.isOver) return;
    if (this.readableLength > MOST_UNREAD) this.destroy();
    else this.push(text);
  }

  private finish(): void {
    if (!this.isOver && !this.destroyed) this.push(null);
    this.isOver = true;
    this.onRoom();
  }

  private async beat(): Promise<void> {
    // Nobody reads its end.
    if (this.isOver) return void this.destroy();
    const may = await this.listener.mayListen().catch(() => true);
    if (may) this.say(': open\n\n');
    else this.finish();
  }
}

const HEADERS = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
const CANNOT = 'Events are not streamed here: ask for the status of a job with If-None-Match and Prefer: wait=20';

interface EventsAnswer {
  status: number;
  headers: Record<string, string>;
  body: Readable | { detail: string };
}

/**
 * @param streams whether the caller can pass a stream on; 501 where it cannot
 * @throws Fault `unavailable` where no more may listen now, or Redis does not answer
 */
export async function eventsAnswer(
  ports: { changes: () => Changes; lists: () => JobLists },
  streams: boolean,
  listener: Listener,
): Promise<EventsAnswer | { held: Promise<EventsAnswer> }> {
  if (!streams)
    return { status: 501, headers: { 'content-type': 'application/problem+json' }, body: { detail: CANNOT } };
  const stream = new EventStream({ changes: ports.changes(), lists: ports.lists() }, listener);
  try {
    if (!(await stream.open())) throw new Fault('unavailable', 'Too many listen already; try again later');
  } catch (error) {
    stream.destroy();
    throw error;
  }
  return { held: Promise.resolve({ status: 200, headers: HEADERS, body: stream }) };
}
