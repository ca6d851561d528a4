// The webhook of a key: the address that is notified when a job of the key's owner has ended. The
// secret is stored as it is, because it signs. https://www.standardwebhooks.com/
import { randomBytes } from 'node:crypto';
import { Fault } from '../errors.ts';

export interface Webhook {
  /** Prefix of its key. */
  key: string;
  /** Of the key. */
  owner: string;
  url: string;
  /** whsec_ and 32 bytes in base64. */
  secret: string;
  createdAt: Date;
  endedAt?: Date | undefined;
  /** A sentence; only of one that has ended. */
  endedBecause?: string | undefined;
}

/** Webhooks that are notified: neither they nor their keys have ended. */
export interface WebhookStore {
  /** @throws Fault `unavailable` when they cannot be read just now, as `find` and `end` */
  ofOwner(owner: string): Promise<Webhook[]>;
  find(key: string): Promise<Webhook | undefined>;
  /** Nothing is sent any more. */
  end(key: string, because: string): Promise<void>;
}

const LONGEST_URL = 2_000;
const SECRET_BYTES = 32;

export const makeWebhookSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/**
 * An address that a webhook may have, by its text alone; what its name leads to is looked at each
 * time that something is sent.
 * @param isAnyAllowed whether private addresses are, and with them http
 * @throws Fault `invalid`
 */
export function readWebhookUrl(text: string | undefined, isAnyAllowed: boolean): string {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.href.length > LONGEST_URL)
    throw new Fault(
      'invalid',
      `the address must be a URL of at most ${LONGEST_URL} characters, such as https://example.com/hook`,
    );
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw new Fault('invalid', 'the address must have no user, password or fragment');
  if (url.protocol === 'http:' && !isAnyAllowed)
    throw new Fault('invalid', 'the address must begin with https://, unless WEBHOOK_ADDRESSES=any is set');
  return url.href;
}
