// What a test file needs to be running; the runner opens it. Databases (test/support/database.ts)
// are lent to every file that asks for one.

import { readFileSync } from 'node:fs';

export type Need = 'nothing' | 'services' | 'service';

/** The first that matches; a file that none matches needs the services. */
const NEEDS: readonly [files: RegExp, need: Need][] = [
  // They share one host, one after the other.
  [
    /test\/(service\/(service|hostile|attacks|job-api|overview|waiting|reid-jobs)|soak\/downloads|page\/(way|screens|archive|fields))\.test/,
    'service',
  ],
  [
    /test\/(content\/herd|page\/keys|reid\/(bundle|functions|invoke-local|lacking|pages|survey|survey-page|trial-page))\.test/,
    'services',
  ],
  [/test\/(access|architecture|content|data|deer|doors|fixtures|format|page|reid)\//, 'nothing'],
  [/test\/service\/(bounds|differential|imports)\.test/, 'nothing'],
  [/test\/http\/(any-request|document|gateway|log|names|nulls|timeout)\.test/, 'nothing'],
  [/test\/stack\/(?!halves|ownership|parked)/, 'nothing'],
];

export const findNeed = (path: string): Need => NEEDS.find(([files]) => files.test(path))?.[1] ?? 'services';

/**
 * What one file could leave to the next: variables, the services that handlers keep, flags of V8. A
 * file that says @alone shares with none.
 */
const LEAVES = [
  /@alone|process\.(on|once|chdir)\(|setFlags|\bjest\.|ownQueues|accepted\.ts|handlersOf/,
  /process\.env(\.\w+|\[.*\]) \??\??= |(delete |assign\()process\.env/,
  /(from|import\() ?['"`].*(handlers\/|\/wiring\.ts)/,
];

/**
 * Whether a file can run in a process that has run others of its need: loading the packages anew
 * takes as long as the tests of many a file. It changes nothing of its process, and starts nothing
 * large.
 */
export function mayShareProcess(path: string): boolean {
  if (/test\/(faults|roles|service|soak|start)\//.test(path)) return false;
  const text = readFileSync(path, 'utf8');
  return !LEAVES.some((left) => left.test(text));
}
