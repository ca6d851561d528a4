// Jest finds, orders and reports; each test file runs in a separate Node process, untransformed
// (test/support/runner): see docs/decisions.md.

/** Minutes long: only `npm run test:soak` and `npm run test:data` run them. */
const SOAK = ['test/soak/', 'test/faults/(outages|uploads)'];
/** What starts a service, kills engines, opens a browser or takes long: not in `npm run test:quick`. */
const NOT_QUICK = [
  'test/(faults|service|start)/',
  'test/stack/(ownership|survival|left-behind|halves)',
  'test/reid/(pages|invoke-local|bundle)',
  'test/data/(platform|platform-commands|platform-imports|platform-native|refused-schemas|import-scale)\\.test',
  'test/content/bad-pictures',
  'test/jobs/unfinished',
  'test/doors/(browser|stack)',
  'test/architecture/bundles',
];

const left = [
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
  // Two are busy most of the time, but not all of it: faults, starts and outages wait.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  reporters: ['default', '<rootDir>/test/faults/table.ts'],
};
