// What a test file needs to be running; the runner opens it. Databases (test/support/database.ts)
// are lent to every file that asks for one.

export type Need = 'nothing' | 'services' | 'service';

/** The first that matches; a file that none matches needs the services. */
const NEEDS: readonly [files: RegExp, need: Need][] = [
  // They share one `serverless offline`, one after the other.
  [/test\/(service\/(service|hostile)|soak\/downloads)\.test/, 'service'],
  [/test\/(content\/herd|reid\/(bundle|functions|invoke-local|lacking|pages))\.test/, 'services'],
  [/test\/(architecture|content|data|deer|fixtures|format|reid)\//, 'nothing'],
  [/test\/http\/(any-request|document|gateway|log|names|nulls|timeout)\.test/, 'nothing'],
  [/test\/stack\/(?!halves|parked)/, 'nothing'],
];

export const findNeed = (path: string): Need => NEEDS.find(([files]) => files.test(path))?.[1] ?? 'services';
