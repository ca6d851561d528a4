// Jest finds, orders and reports; each test file runs in a separate Node process, untransformed
// (test/support/runner): see docs/decisions.md.

/** Most of the tests that need a browser: only `npm run test:pages` runs them. */
const PAGES = [
  'test/doors/browser',
  'test/page/(keys|screens|away|archive|elsewhere|fields)',
  'test/reid/(survey|trial)-page',
];
/** Minutes long: only `npm run test:soak` and `npm run test:data` run them. */
const SOAK = ['test/soak/', 'test/faults/(outages|uploads)'];
/**
 * What starts a process, opens a browser, or takes more than a few seconds of CPU or of waiting: not in
 * `npm run test:quick`. Each folder still has its tests of single rules there.
 */
const NOT_QUICK = [
  'test/(faults|roles|service|start)/',
  'test/page/(way|import)',
  'test/stack/(ownership|survival|left-behind|halves|event-source|parked|pool)',
  'test/reid/(apply|apply-platform|attached|bundle|functions|grown|herd|invoke-local|jobs|kernel|lacking|pages|profiles|stored|stored-draws|survey)\\.test',
  'test/webhooks/send',
  'test/data/(platform|platform-commands|platform-imports|platform-native|refused-schemas)\\.test',
  'test/data/(attach|herd|identities|import-bombs|import-scale|metadata)\\.test',
  'test/content/(bad-pictures|crops|deer-report|faces|herd|identity|images|map|names|one-word|places|platform|reader|reimport|survey-(files|identities|r))\\.test',
  'test/http/(openapi|outage)',
  'test/jobs/(expiry|parking|unfinished)',
  'test/architecture/(bundles|cloudformation|notices|runner)',
  'test/doors/(aws|environment|postgres|stack)',
  'test/survey/(demo|ghosts|report|stored-roster)',
];

const left = [
  ...(process.env.HOOFPRINT_PAGES === '1' ? [] : PAGES),
  ...(process.env.HOOFPRINT_SOAK === '1' ? [] : SOAK),
  ...(process.env.HOOFPRINT_QUICK === '1' ? NOT_QUICK : []),
];

export default {
  runner: '<rootDir>/test/support/runner/index.ts',
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...left.map((pattern) => `<rootDir>/${pattern}`)],
  modulePathIgnorePatterns: ['<rootDir>/.esbuild', '<rootDir>/.serverless'],
  setupFiles: ['<rootDir>/test/support/seed.ts'],
  testTimeout: 60_000,
  // Half of them are busy: faults, starts and outages wait. Quick ones do not.
  maxWorkers: process.env.HOOFPRINT_QUICK === '1' ? 2 : 4,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  reporters: ['default', '<rootDir>/test/faults/table.ts'],
};
