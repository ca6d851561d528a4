// `npm start -- --role worker` with a renderer that sleeps, or with the real ones. Arguments: jobs
// at a time, seconds that the message of a dead worker stays hidden (0 = as the product has it),
// and whether it sleeps.
import { readServiceFile } from '../../localstack/host/declared/service-file.ts';
import { runHost } from '../../localstack/host/index.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';

const [concurrency = '2', visibility = '0', renderer = 'sleeps'] = process.argv.slice(2);
const service = readServiceFile(PROJECT, process.env);
if (renderer === 'sleeps') service.functions!.generateExport!.handler = 'test/roles/slow-renderer.handler';
const hidden = visibility === '0' ? {} : { visibility: Number(visibility) };
await runHost({ role: 'worker', concurrency, service, ...hidden });
