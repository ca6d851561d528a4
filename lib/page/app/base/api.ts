// Calls to the service. Cookies carry the session; nothing is cached here.
import { signal } from '@preact/signals';

export interface Problem {
  pointer: string;
  detail: string;
}

/** A refusal in the words of the service; `status` 0 = it did not answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly problems: readonly Problem[];

  constructor(status: number, detail: string, problems: readonly Problem[] = []) {
    super(detail);
    this.status = status;
    this.problems = problems;
  }
}

/** Path of the service, with a slash at both ends. */
export const base = document.querySelector<HTMLMetaElement>('meta[name="hoofprint-base"]')?.content ?? '/';
/** @param path below the service, without a slash at its start */
export const address = (path: string): string => `${base}${path}`;

/** Whether the last call was answered. */
export const isReached = signal(true);
/** Called when a session is needed and there is none. */
export const onSignedOut = { act: (): void => undefined };

interface Call {
  body?: unknown;
  /** Sent as they are, instead of a body as JSON. */
  bytes?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answered<Body> {
  status: number;
  body: Body;
  etag: string | null;
}

/** @throws Refusal for every status of 400 and above, and where nobody answers */
export async function call<Body>(
  method: string,
  path: string,
  { body, bytes, headers, signal }: Call = {},
): Promise<Answered<Body>> {
  const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
  const type = bytes === undefined ? 'application/json' : 'application/octet-stream';
  const sent = {
    method,
    headers: { ...(content === undefined ? {} : { 'content-type': type }), ...headers },
    ...(content === undefined ? {} : { body: content }),
    ...(signal === undefined ? {} : { signal }),
  };
  let response: Response;
  let text: string;
  try {
    response = await fetch(address(path), sent);
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    isReached.value = false;
    throw new Refusal(0, 'The service does not answer');
  }
  isReached.value = true;
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  // A gateway may call nothing at all JSON.
  const answer: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
  if (response.status >= 400) {
    const { detail = `The service answered ${response.status}`, errors = [] } = (answer ?? {}) as {
      detail?: string;
      errors?: Problem[];
    };
    if (response.status === 401) onSignedOut.act();
    throw new Refusal(response.status, detail, errors);
  }
  return { status: response.status, body: answer as Body, etag: response.headers.get('etag') };
}

export const get = async <Body>(path: string, signal?: AbortSignal): Promise<Body> =>
  (await call<Body>('GET', path, signal === undefined ? {} : { signal })).body;
