// Jest's order of test files: those that take longest begin first, on a machine that has never run
// them as well.
const Sequencer = require('@jest/test-sequencer').default;

const LONG = [
  ...['faults/outages', 'soak/queue'],
  ...['faults/work', 'faults/services'],
  ...[
    'service/crash',
    'service/service',
    'stack/ownership',
    'start/folder',
    'service/hostile',
    'reid/invoke-local',
    'reid/pages',
    'content/bad-pictures',
    'service/ending',
    'stack/event-source',
    'stack/survival',
    'data/platform-imports',
    'reid/kernel',
  ],
];
const rank = ({ path }) => {
  const at = LONG.findIndex((name) => path.endsWith(`test/${name}.test.ts`));
  return at < 0 ? LONG.length : at;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
