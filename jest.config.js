// Jest finds, orders and reports; each test file runs in a Node process of its own, untransformed
// (test/support/runner): see docs/decisions.md.
export default {
  runner: '<rootDir>/test/support/runner/index.ts',
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Minutes long: only `npm run test:soak` and `npm run test:data` run them.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.HOOFPRINT_SOAK === '1'
      ? []
      : ['<rootDir>/test/soak/', '<rootDir>/test/faults/outages', '<rootDir>/test/faults/uploads']),
  ],
  modulePathIgnorePatterns: ['<rootDir>/.esbuild', '<rootDir>/.serverless'],
  setupFiles: ['<rootDir>/test/support/seed.ts'],
  testTimeout: 60_000,
  // Two are busy most of the time, but not all of it: faults, starts and outages wait.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  reporters: ['default', '<rootDir>/test/faults/table.ts'],
};
