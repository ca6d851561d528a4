// One PostgreSQL server of the pool, in a thread of its process.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { INCOMING } from '../../../localstack/stack/bulk.ts';
import { HOST } from '../../../localstack/stack/engines/child.ts';
import { openOrMakeCluster } from '../../../localstack/stack/engines/cluster.ts';
import { openDoor } from '../../../localstack/stack/engines/postgres-door.ts';
import { SECRETS } from '../secrets.ts';

const { folder, compiled } = workerData as { folder: string; compiled: WebAssembly.Module };
mkdirSync(folder, { recursive: true });
const engine = await openOrMakeCluster(folder, compiled);
mkdirSync(join(folder, 'cluster', INCOMING), { recursive: true });
const door = openDoor(engine, SECRETS.password);
parentPort!.postMessage(await door.listen(0, HOST));
parentPort!.once('message', async () => {
  await door.close();
  await engine.close();
});
