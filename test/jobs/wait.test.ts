// How long a request is willing to wait for a change.
import { readWait } from '../../lib/exports/job/wait.ts';

test.each<[string | undefined, number]>([
  [undefined, 0],
  ['', 0],
  ['wait', 0],
  ['wait=', 0],
  ['wait=5', 5],
  ['WAIT = 5', 5],
  ['wait="5"', 5],
  ['respond-async, wait=5; foo=bar', 5],
  ['return=minimal,wait=5', 5],
  ['wait=5, wait=9', 5],
  ['wait=-5', 0],
  ['wait=1.5', 0],
  ['wait=1e3', 0],
  ['wait="5', 0],
  ['wait="a"', 0],
  ['await=5', 0],
  ['foo; wait=5', 0],
  ['wait=600', 20],
  // What is quoted is the value of something else.
  ['foo="a,wait=9"', 0],
  ['foo="a\\",wait=9"', 0],
  ['foo="a,wait=9", wait=5', 5],
  ['foo="a, wait=9', 0],
])('Prefer: %s waits %d s', (prefer, seconds) => {
  expect(readWait(prefer, 60_000)).toBe(seconds * 1_000);
});

test('a function that has little time left waits no longer', () => {
  expect(readWait('wait=20', 5_000)).toBe(3_000);
  expect(readWait('wait=20', 1_000)).toBe(0);
});
