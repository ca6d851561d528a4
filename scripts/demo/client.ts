// A client of the HTTP API, as a person's script would be: ask, wait, download, check.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../lib/errors.ts';
import type { ExportStatus } from '../../lib/exports/job/status.ts';
import type { ExportKind } from '../../lib/exports/kinds/index.ts';
import type { Bar } from './progress.ts';

/** A service by its address; with the token of this machine where keys are needed. */
export type Target = string | { url: string; token: string | undefined };

function reach(target: Target, path: string): [url: string, headers: Record<string, string>] {
  const { url, token } = typeof target === 'string' ? { url: target, token: undefined } : target;
  return [`${url}${path}`, token === undefined ? {} : { authorization: `Bearer ${token}` }];
}

export interface Fetched {
  path: string;
  status: ExportStatus;
  /** From the POST to the first answer that said completed, in ms. */
  milliseconds: number;
  /** Distinct progress values seen on the way. */
  seen: number[];
}

async function json(response: Response): Promise<Record<string, unknown>> {
  const body = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Fault('invalid', `${response.status} ${String(body.detail)}`);
  return body;
}

/** A busy service answers 503 and when to come back; five tries are enough. */
async function post(target: Target, path: string, body: string): Promise<Response> {
  const [url, authorization] = reach(target, path);
  const headers = { 'content-type': 'application/json', ...authorization };
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(url, { method: 'POST', body, headers });
    if (response.status !== 503 || tries === 5) return response;
    await response.body?.cancel();
    await pause(1_000 * Number(response.headers.get('retry-after') ?? 1));
  }
}

/**
 * Asks for an export and follows it to its end. @throws Fault with the job's own reason when it
 * fails.
 */
export async function followExport(
  target: Target,
  kind: ExportKind,
  request: object,
  bar: Bar,
): Promise<Omit<Fetched, 'path'>> {
  const began = performance.now();
  const body = JSON.stringify(request);
  const accepted = await json(await post(target, `/api/exports/${kind}`, body));
  if (typeof accepted.status_url !== 'string')
    throw new Fault('unavailable', `the service did not accept the request: ${JSON.stringify(accepted).slice(0, 200)}`);
  const seen: number[] = [];
  const [statusUrl, headers] = reach(target, accepted.status_url);
  let known: Record<string, string> = {};
  for (;;) {
    const answer = await fetch(statusUrl, { headers: { ...headers, ...known } });
    if (answer.status === 304) continue;
    const status = (await json(answer)) as unknown as ExportStatus;
    // The next answer comes when that has changed.
    known = { prefer: 'wait=20', 'if-none-match': answer.headers.get('etag') ?? '' };
    if (seen.at(-1) !== status.progress) seen.push(status.progress);
    bar(status.progress);
    if (status.status === 'failed') throw new Fault('invalid', `the ${kind} export failed: ${status.error}`);
    if (status.status === 'completed') return { status, seen, milliseconds: performance.now() - began };
  }
}

/**
 * Downloads a finished export into a folder. @throws Fault when the bytes do not match its SHA-256.
 */
export async function download(
  target: Target,
  status: ExportStatus,
  folder: string,
  name = status.filename ?? '',
): Promise<string> {
  const [url, headers] = reach(target, status.download_url ?? '');
  const response = await fetch(url, { headers });
  if (!response.ok || response.body === null)
    throw new Fault('unavailable', `the download answered ${response.status}`);
  const path = join(folder, name);
  const hash = createHash('sha256');
  await pipeline(
    Readable.fromWeb(response.body as never),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
  );
  if (hash.digest('hex') !== status.sha256) throw new Fault('corrupt', `${path} is not what the service stored`);
  return path;
}
