// npm run keys -- create --owner "Ranch office" --scopes read,exports [--days 365] | list | revoke
// PREFIX | webhook ...: the keys of those who call this service.
import { parseArgs } from 'node:util';
import { errorMessage, isFault } from '../lib/errors.ts';
import { forTerminal } from '../lib/plain-text.ts';
import { createKey, listKeys, revoke, USAGE } from './keys/acts.ts';
import { withKeys } from './keys/holder.ts';
import { WEBHOOK_USAGE, webhookAct } from './keys/webhooks.ts';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { owner: { type: 'string' }, scopes: { type: 'string' }, days: { type: 'string' } },
  });
  const [act, prefix, ...more] = positionals;
  const acts: Record<string, () => Promise<string[]>> = {
    create: () => withKeys((holder) => createKey(holder, values)),
    list: () => withKeys(listKeys),
    revoke: () => withKeys((holder) => revoke(holder, prefix)),
  };
  const onWebhook = act === 'webhook' ? webhookAct(positionals.slice(1)) : undefined;
  if (onWebhook !== undefined) acts.webhook = () => withKeys(onWebhook);
  const isWhole = act === 'webhook' || more.length === 0;
  const run = isWhole && Object.hasOwn(acts, act ?? '') ? acts[act!] : undefined;
  if (run === undefined) {
    console.error(`${USAGE}\n${WEBHOOK_USAGE}`);
    process.exitCode = 1;
    return;
  }
  for (const line of await run()) console.log(forTerminal(line));
}

main().catch((error: unknown) => {
  console.error(forTerminal(`keys: ${errorMessage(error)}`));
  if (!isFault(error) && !(error instanceof TypeError)) console.error(error);
  process.exitCode = 1;
});
