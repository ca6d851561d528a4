// Everybody of this process who waits for changes of jobs, on one subscription.
import type { Channel, ChannelSettings } from '../../adapters/redis-channel.ts';
import { errorMessage } from '../../errors.ts';
import { log } from '../../log.ts';
import { expiry, readRecord } from './jobs.ts';
import { CHANGES_CHANNEL } from './journal.ts';
import type { FoundJob } from './lists.ts';

export interface Change extends FoundJob {
  version: number;
  /** When it was written by Redis' clock, in ms. */
  changedMs: number;
}

/** What happens to somebody who waits. */
export interface Watcher {
  onChange(change: Change): void;
  /** Some changes may not have been heard of. */
  onMissed(): void;
  /** This process is about to end. */
  onEnding(): void;
}

/** Of one process: those who wait, and those who listen to events. */
const MOST_WATCHERS = 200;

export interface Changes {
  /**
   * From its end on every change is heard.
   * @returns ends it; undefined where too many wait already, the process ends, or Redis is away
   */
  watch(watcher: Watcher): Promise<(() => void) | undefined>;
}

/** As journal.ts announces it; undefined for anything else. */
function readChange(text: string): Change | undefined {
  const [, version, jobId, expires, now, raw] = /^(\d+) (\S+) (\d+) (\d+) (.*)$/s.exec(text) ?? [];
  const record = raw === undefined ? undefined : readRecord(raw);
  if (record === undefined) return undefined;
  return { version: Number(version), jobId: jobId!, record, expiresAt: expiry(expires!), changedMs: Number(now) };
}

interface ChangesPorts {
  open: (channel: Pick<ChannelSettings, 'name' | 'hear' | 'missed'>) => Channel;
  isEnding: () => boolean;
  onEnding: (act: () => void) => void;
}

export function watchChanges({ open, isEnding, onEnding }: ChangesPorts, most = MOST_WATCHERS): Changes {
  const watchers = new Set<Watcher>();
  const channel = open({
    name: CHANGES_CHANNEL,
    hear: (text) => {
      const change = readChange(text);
      if (change !== undefined) for (const watcher of watchers) watcher.onChange(change);
    },
    missed: () => {
      for (const watcher of watchers) watcher.onMissed();
    },
  });
  onEnding(() => {
    for (const watcher of watchers) watcher.onEnding();
  });
  return {
    async watch(watcher) {
      if (watchers.size >= most || isEnding()) return undefined;
      watchers.add(watcher);
      try {
        await channel.listen();
        return () => watchers.delete(watcher);
      } catch (error) {
        watchers.delete(watcher);
        log.warn('changes of jobs are not heard', { reason: errorMessage(error) });
        return undefined;
      }
    },
  };
}
