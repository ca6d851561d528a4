// The secrets of a data folder: who has them may use its engines. Made at the first start and kept,
// so that links outlive a restart.
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../lib/errors.ts';

export interface Secrets {
  /** The key pair of SQS and S3. The id is no secret: every link shows it. */
  accessKeyId: string;
  secretAccessKey: string;
  /** Of PostgreSQL and Redis. */
  password: string;
  /** Of the server of frames; a separate one, because it is sent over HTTP. */
  token: string;
}

const FILE = 'secrets.json';
const NAMES = ['accessKeyId', 'secretAccessKey', 'password', 'token'] as const;

/** Safe in a URL and in a header. */
const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

export const makeSecrets = (): Secrets => ({
  accessKeyId: `HOOF${randomBytes(8).toString('hex').toUpperCase()}`,
  secretAccessKey: random(30),
  password: random(24),
  token: random(24),
});

/**
 * The secrets of a folder that this process owns; made when it has none, as a folder of an earlier
 * version.
 * @throws Fault `conflict` with the way out when the file is damaged
 */
export function takeSecrets(folder: string): Secrets {
  const file = join(folder, FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const made = makeSecrets();
    writeFileSync(`${file}.new`, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    return made;
  }
  const secrets = parse(text);
  if (secrets !== undefined) return secrets;
  throw new Fault(
    'conflict',
    `${file} cannot be read. Type: rm ${file} (the next start makes new secrets; links that were given out end)`,
  );
}

function parse(text: string): Secrets | undefined {
  try {
    const read = JSON.parse(text) as Record<string, unknown>;
    const isWhole = NAMES.every((name) => typeof read[name] === 'string' && /^[\w-]{16,}$/.test(read[name]));
    return isWhole ? (read as unknown as Secrets) : undefined;
  } catch {
    return undefined;
  }
}
