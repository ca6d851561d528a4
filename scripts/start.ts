// npm start: the local stack, and the functions behind HTTP, queues and schedules.
import { runHost } from '../localstack/host/index.ts';

await runHost();
