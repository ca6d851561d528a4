// Opens the suite's services once, outside jest's sandbox; the tests find them by the product's own
// variables.
import { openServices, type Services } from './services.ts';

declare global {
  var hoofprintServices: Services | undefined;
}

export default async function globalSetup(): Promise<void> {
  process.env.HOOFPRINT_TEST_OUTSIDE = JSON.stringify(process.env);
  const services = await openServices();
  globalThis.hoofprintServices = services;
  Object.assign(process.env, services.environment);
}
