// A package on its way to the service, part by part. What has arrived stays there for a day: an
// upload that was stopped goes on with the rest, also after a reload.
import { effect, signal } from '@preact/signals';
import { call, get, Refusal } from './api.ts';
import { once } from './hand.ts';
import { jobs, loadJobs, remember, remembered } from './jobs.ts';

interface Known {
  id: string;
  name: string;
  bytes: number;
  /** Of the file, ms since 1970: the same name and size may be another file. */
  modified: number;
}

interface Upload extends Known {
  sent: number;
  isSending: boolean;
}

/** undefined = there is none. */
export const upload = signal<Upload | undefined>(undefined);
/** Why the last act was refused, in the words of the service. */
export const uploadRefusal = signal('');
/** Of what is left to send; undefined = not known yet. */
export const uploadSeconds = signal<number | undefined>(undefined);

const KEPT = 'hoofprint-upload';
function keep(known: Known | undefined): void {
  try {
    if (known === undefined) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify(known));
  } catch {
    // A browser that keeps nothing.
  }
}
const forget = (): void => {
  upload.value = undefined;
  file = undefined;
  keep(undefined);
};
const change = (more: Partial<Upload>): void => {
  if (upload.value !== undefined) upload.value = { ...upload.value, ...more };
};

interface Arrived {
  part_bytes: number;
  parts: { n: number; bytes: number }[];
}
const ask = (id: string): Promise<Arrived> => get<Arrived>(`api/imports/${id}/parts`);
const sum = (parts: Arrived['parts']): number => parts.reduce((bytes, part) => bytes + part.bytes, 0);
const isGone = (error: unknown): boolean => error instanceof Refusal && error.status === 404;

let file: File | undefined;
let stopping: AbortController | undefined;

/** An upload of this browser that was not imported, if there is one. */
export async function findUpload(): Promise<void> {
  if (upload.value !== undefined) return;
  try {
    const known = JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Known | null;
    if (known === null) return;
    const { parts } = await ask(known.id);
    upload.value ??= { ...known, sent: sum(parts), isSending: false };
  } catch (error) {
    if (isGone(error)) keep(undefined);
  }
}

/** Parts on their way at a time: one is read from the disk while another is sent. */
const LANES = 2;
const PAUSE_MS = 1_000;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** What may be over in a moment: nobody answers, too slow, too many, busy. */
const PASSING = [0, 408, 429, 503];

async function sendPart(path: string, bytes: Blob, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await call('PUT', path, { bytes, signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Refusal) || !PASSING.includes(error.status)) throw error;
      await pause(PAUSE_MS);
    }
  }
}

async function sendParts(whole: File, id: string, signal: AbortSignal): Promise<void> {
  const { part_bytes: size, parts } = await ask(id);
  const there = new Map(parts.map(({ n, bytes }) => [n, bytes]));
  const left = Array.from({ length: Math.ceil(whole.size / size) }, (_, at) => at + 1).filter(
    (n) => there.get(n) !== Math.min(size, whole.size - (n - 1) * size),
  );
  let sent = whole.size - left.reduce((bytes, n) => bytes + Math.min(size, whole.size - (n - 1) * size), 0);
  change({ sent });
  const [began, before] = [performance.now(), sent];
  const lane = async (): Promise<void> => {
    for (let n = left.shift(); n !== undefined; n = left.shift()) {
      signal.throwIfAborted();
      const part = whole.slice((n - 1) * size, n * size);
      await sendPart(`api/imports/${id}/${n}`, part, signal);
      sent += part.size;
      change({ sent });
      uploadSeconds.value = ((performance.now() - began) / 1_000 / (sent - before)) * (whole.size - sent);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function removeParts(id: string): Promise<void> {
  await call('DELETE', `api/imports/${id}`).catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
  forget();
}

/** The upload of this file that is there, or a new one. */
async function beginOrGoOn(whole: File): Promise<string> {
  const { id, name, bytes, modified } = upload.value ?? {};
  if (id !== undefined) {
    if (name === whole.name && bytes === whole.size && modified === whole.lastModified) return id;
    await removeParts(id);
  }
  const said = { name: whole.name.slice(0, 200), bytes: whole.size };
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const { body } = await call<{ id: string }>('POST', 'api/imports', { body: said, headers });
  const known = { id: body.id, name: whole.name, bytes: whole.size, modified: whole.lastModified };
  keep(known);
  upload.value = { ...known, sent: 0, isSending: true };
  return body.id;
}

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Sends what is not there yet of a file, then imports it. */
export async function sendFile(whole: File | undefined = file): Promise<void> {
  if (whole === undefined || stopping !== undefined) return;
  [uploadRefusal.value, uploadSeconds.value] = ['', undefined];
  const stop = new AbortController();
  stopping = stop;
  addEventListener('beforeunload', warn);
  try {
    const id = await beginOrGoOn(whole);
    file = whole;
    change({ isSending: true });
    await sendParts(whole, id, stop.signal);
    await startImport(id);
  } catch (error) {
    if (!stop.signal.aborted) refuse(error);
  } finally {
    removeEventListener('beforeunload', warn);
    stopping = undefined;
    change({ isSending: false });
  }
}

function refuse(error: unknown): void {
  uploadRefusal.value = error instanceof Refusal ? error.message : String(error);
  if (isGone(error)) forget();
}

/** What has arrived stays. */
export const stopSending = (): void => stopping?.abort();
/** Whether the browser still has the file. */
export const hasFile = (): boolean => file !== undefined;

const startImport = (id: string, isLenient = false): Promise<void> =>
  once(`import ${id} ${isLenient}`, async () => {
    const request = { skip_invalid: isLenient };
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const { body } = await call<{ job_id: string }>('POST', `api/imports/${id}`, { body: request, headers });
    remember(body.job_id, { path: `imports/${id}`, request, title: upload.value?.name ?? '' });
    await loadJobs().catch(() => undefined);
  });

/** Imports what has arrived. @param isLenient what is valid of it, where not all is */
export async function importUpload(isLenient: boolean): Promise<void> {
  uploadRefusal.value = '';
  const { id } = upload.value ?? {};
  if (id !== undefined) await startImport(id, isLenient).catch(refuse);
}

export async function removeUpload(): Promise<void> {
  stopSending();
  const { id } = upload.value ?? {};
  uploadRefusal.value = '';
  if (id === undefined) return;
  await removeParts(id).catch(refuse);
}

// Once it is imported, its parts are gone.
effect(() => {
  const { id } = upload.value ?? {};
  const all = jobs.value ?? [];
  const belongs = (job: string): boolean => remembered.value[job]?.path === `imports/${id}`;
  if (id !== undefined && all.some(({ job_id, status }) => status === 'completed' && belongs(job_id))) forget();
});
