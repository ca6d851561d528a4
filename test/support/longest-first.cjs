// Jest's order of test files: in the soak those that take longest begin first, on a machine that has never run them as well.
const Sequencer = require('@jest/test-sequencer').default;

const LONG = [
  ...['faults/outages', 'soak/queue', 'faults/consumer'],
  ...['faults/redis', 'faults/postgres', 'faults/files', 'faults/answers'],
];
const rank = ({ path }) => {
  const at = LONG.findIndex((name) => path.endsWith(`test/${name}.test.ts`));
  return at < 0 ? LONG.length : at;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const usual = super.sort(tests);
    return process.env.HOOFPRINT_SOAK === '1' ? [...usual].sort((a, b) => rank(a) - rank(b)) : usual;
  }
};
