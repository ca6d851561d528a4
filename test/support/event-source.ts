// A reader of text/event-stream, as strict as a browser is lenient.
import { until } from './wait.ts';

export interface SentEvent {
  /** The last id of the stream until then. */
  id: number;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every shape
  data: any;
}

export interface Reader {
  status: number;
  headers: Headers;
  events: SentEvent[];
  comments: string[];
  /** Whether the other side has ended the stream. */
  hasEnded: () => boolean;
  /** The first event that fits, also of those that came before. */
  find(what: string, fits: (event: SentEvent) => boolean): Promise<SentEvent>;
  close(): Promise<void>;
}

/** @param last id before it. @returns the text of a line that is no event */
export function readBlock(block: string, last: number): SentEvent | string {
  const lines = block.split('\n');
  if (lines.length === 1) return lines[0]!;
  const [, id = last, event, data] = /^(?:id: (\d+)\n)?event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
  if (data === undefined) throw new Error(`no event: ${JSON.stringify(block)}`);
  return { id: Number(id), event: event!, data: JSON.parse(data) };
}

export async function listenTo(url: string, headers: Record<string, string> = {}): Promise<Reader> {
  const over = new AbortController();
  const response = await fetch(url, { headers, signal: over.signal });
  const events: SentEvent[] = [];
  const comments: string[] = [];
  let hasEnded = false;
  const read = async (): Promise<void> => {
    let rest = '';
    let last = 0;
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + part).split('\n\n');
      rest = blocks.pop()!;
      for (const text of blocks) {
        const block = readBlock(text, last);
        last = typeof block === 'string' ? Number(/^id: (\d+)$/.exec(block)?.[1] ?? last) : block.id;
        if (typeof block === 'string') comments.push(block);
        else events.push(block);
      }
    }
    hasEnded = true;
  };
  const reading = response.status === 200 ? read() : Promise.resolve();
  reading.catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    events,
    comments,
    hasEnded: () => hasEnded,
    find: (what, fits) => until(what, () => events.find(fits)),
    async close() {
      over.abort();
      await reading.catch(() => undefined);
    },
  };
}
