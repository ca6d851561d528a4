// What a person does with the webhook of a key, and what the terminal shows of it.
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { makeWebhookSecret, readWebhookUrl, type Webhook } from '../../lib/access/webhooks.ts';
import { isPublicAddress } from '../../lib/adapters/addresses.ts';
import { poster } from '../../lib/adapters/poster.ts';
import { config } from '../../lib/config.ts';
import { errorMessage, Fault, isFault } from '../../lib/errors.ts';
import { TEST_EVENT } from '../../lib/webhooks/send.ts';
import { webhookHeaders } from '../../lib/webhooks/signature.ts';

export interface WebhookHolder {
  /** Of a key, also one that has ended. */
  webhook(key: string): Promise<Webhook | undefined>;
  /** @returns whether there is such a key that lives */
  setWebhook(key: string, url: string, secret: string): Promise<boolean>;
  /** @returns whether there was one */
  removeWebhook(key: string): Promise<boolean>;
}

export const WEBHOOK_USAGE = [
  '       npm run keys -- webhook set PREFIX https://example.com/hook',
  '       npm run keys -- webhook show|test|remove PREFIX',
].join('\n');

/** Whether private addresses may be reached. */
const mayReachAny = (): boolean => config('WEBHOOK_ADDRESSES') === 'any';

async function find(holder: WebhookHolder, key: string): Promise<Webhook> {
  const webhook = await holder.webhook(key);
  if (webhook !== undefined) return webhook;
  throw new Fault('not-found', `the key ${key} has no webhook. Type: npm run keys -- webhook set ${key} https://...`);
}

async function set(
  holder: WebhookHolder,
  key: string,
  url: string | undefined,
  isAnyAllowed: boolean,
): Promise<string[]> {
  const address = readWebhookUrl(url, isAnyAllowed);
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '');
  // What another name leads to is looked at each time that something is sent.
  const isPrivate = isIP(host) === 0 ? /(^|\.)localhost\.?$/.test(host) : !isPublicAddress(host);
  if (isPrivate && !isAnyAllowed)
    throw new Fault('invalid', 'the address is private or of this machine; WEBHOOK_ADDRESSES=any allows it');
  const secret = makeWebhookSecret();
  if (!(await holder.setWebhook(key, address, secret)))
    throw new Fault('not-found', 'there is no such key, or it has ended. Type: npm run keys -- list');
  return [
    `The webhook of ${key} is ${address}. It is notified when jobs of the owner of this key end.`,
    `Its secret, with which the receiver checks signatures (Standard Webhooks): ${secret}`,
    `Try it: npm run keys -- webhook test ${key}`,
  ];
}

async function show(holder: WebhookHolder, key: string): Promise<string[]> {
  const { owner, url, secret, createdAt, endedAt, endedBecause } = await find(holder, key);
  return [
    `address  ${url}`,
    `secret   ${secret}`,
    `owner    ${owner}`,
    `set      ${createdAt.toISOString()}`,
    endedAt === undefined ? 'state    live' : `state    ended ${endedAt.toISOString()}: ${endedBecause ?? ''}`,
  ];
}

async function remove(holder: WebhookHolder, key: string): Promise<string[]> {
  if (!(await holder.removeWebhook(key))) await find(holder, key);
  return [`Removed: the webhook of ${key}. Nothing is sent any more.`];
}

/** Once, and without trying again. @throws Fault `unavailable` unless the answer is 2xx */
async function test(holder: WebhookHolder, key: string, isAnyAllowed: boolean): Promise<string[]> {
  const { url, secret } = await find(holder, key);
  const now = new Date();
  const body = JSON.stringify({ type: TEST_EVENT, timestamp: now.toISOString(), data: {} });
  const headers = webhookHeaders(secret, `msg_${randomUUID()}`, body, now);
  const status = await poster({ isAnyAllowed })
    .post(url, headers, body)
    .catch((error: unknown) => {
      throw isFault(error) ? new Fault('unavailable', `not sent to ${url}: ${errorMessage(error)}`) : error;
    });
  if (status >= 200 && status < 300) return [`Sent ${TEST_EVENT} to ${url}: the answer is ${status}.`];
  throw new Fault('unavailable', `sent ${TEST_EVENT} to ${url}, but the answer is ${status}; it should be 2xx`);
}

/** @returns undefined for what is no act on a webhook */
export function webhookAct(
  words: readonly string[],
  isAnyAllowed: () => boolean = mayReachAny,
): ((holder: WebhookHolder) => Promise<string[]>) | undefined {
  const [act = '', key = '', url, ...more] = words;
  const acts: Record<string, (holder: WebhookHolder) => Promise<string[]>> = {
    set: (holder) => set(holder, key, url, isAnyAllowed()),
    show: (holder) => show(holder, key),
    remove: (holder) => remove(holder, key),
    test: (holder) => test(holder, key, isAnyAllowed()),
  };
  const isWhole = key !== '' && more.length === 0 && (url === undefined) === (act !== 'set');
  return isWhole && Object.hasOwn(acts, act) ? acts[act] : undefined;
}
