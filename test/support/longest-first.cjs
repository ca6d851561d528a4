// Jest's order of test files: those that take longest begin first, on a machine that has never run
// them as well.
const Sequencer = require('@jest/test-sequencer').default;

const LONG = [
  ...['faults/outages', 'soak/queue', 'faults/faults'],
  ...[
    'reid/invoke-local',
    'service/crash',
    'service/emulator',
    'service/service',
    'stack/survival',
    'stack/ownership',
    // It waits, most of the time.
    'service/bounds',
    'service/ending',
    'start/folder',
    'service/hostile',
    'reid/pages',
    'content/bad-pictures',
    'stack/event-source',
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
