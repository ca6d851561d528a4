// What the host serves with: loaded while the engines start, which compute longer than this takes.
export { backgroundStore } from '../../lib/clients.ts';
export { findQueueUrl } from '../stack/environment.ts';
export { decideExposure, hasLiveKey } from '../stack/exposure.ts';
export { findMissing } from '../stack/preflight.ts';
export { openHttp } from './http/server.ts';
export { openInvokePort } from './invoke-port.ts';
export { makePeriods } from './periods.ts';
export { startEventSource } from './queues/event-source.ts';
export { FunctionRunner } from './runner.ts';
export { startSchedules } from './schedules.ts';
