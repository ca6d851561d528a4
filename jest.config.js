// Jest runs the TypeScript as ES modules (Middy is ESM only): see docs/decisions.md.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Minutes long: only `npm run test:soak` and `npm run test:data` run them.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.HOOFPRINT_SOAK === '1'
      ? []
      : ['<rootDir>/test/soak/', '<rootDir>/test/faults/outages', '<rootDir>/test/faults/uploads']),
  ],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
  },
  modulePathIgnorePatterns: ['<rootDir>/.esbuild', '<rootDir>/.serverless'],
  setupFiles: ['<rootDir>/test/support/seed.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testTimeout: 60_000,
  // Two are busy most of the time, but not all of it: faults, starts and outages wait.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  reporters: ['default', '<rootDir>/test/faults/table.ts'],
};
