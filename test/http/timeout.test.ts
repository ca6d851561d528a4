// Waiting is bounded, and time in which our event loop is blocked is not held against the other
// side.
import { setTimeout as pause } from 'node:timers/promises';
import { http } from '../../lib/lambda/http.ts';
import { logFrom } from '../../lib/log.ts';
import { eventLoopClock, withTimeout } from '../../lib/timeout.ts';
import { call } from '../support/invoke.ts';

const block = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

test('an answer that came while the loop was blocked is taken', async () => {
  const answer = withTimeout(150, () => pause(60, 'answer'));
  block(400);
  expect(await answer).toBe('answer');
});

test('silence ends in an error, and the signal of the work is aborted', async () => {
  let given: AbortSignal | undefined;
  const silence = withTimeout(100, (signal) => {
    given = signal;
    return new Promise(() => undefined);
  });
  await expect(silence).rejects.toThrow('no answer within 100 ms');
  expect(given?.aborted).toBe(true);
});

test('an error of the work is its own', async () => {
  await expect(withTimeout(1_000, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});

test('an error that the work throws at once is its own as well, and nothing is left waiting', async () => {
  const begun = withTimeout(50, () => {
    throw new Error('not set');
  });
  await expect(begun).rejects.toThrow('not set');
  // A second end would be a rejection that nobody hears: it ends the process.
  await pause(100);
});

test('a request whose waits add up to more than a second gets a 503 within it', async () => {
  logFrom('silent');
  const endless = http({}, () => new Promise<never>(() => undefined));
  const clock = eventLoopClock();
  const answer = await call(endless, {});
  const passed = clock.ms();
  clock.stop();
  expect([answer.status, answer.json.detail, answer.headers['retry-after']]).toEqual([
    503,
    'The service did not answer in time',
    '2',
  ]);
  expect(passed).toBeLessThan(1_100);
});
