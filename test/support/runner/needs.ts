// What a test file needs to be running; the runner opens it. Services, unless it is said here.

export type Need = 'nothing' | 'services' | 'service';

const NEEDS: readonly [files: RegExp, need: Need][] = [
  // They share one `serverless offline`.
  [/test\/(service\/(service|hostile)|soak\/downloads)\.test/, 'service'],
  [/test\/(architecture|fixtures)\//, 'nothing'],
];

export const findNeed = (path: string): Need => NEEDS.find(([files]) => files.test(path))?.[1] ?? 'services';
