// Waiting is bounded, and time in which our own loop stands still is not held against the other side.
import { setTimeout as pause } from 'node:timers/promises';
import { patiently } from '../../lib/patience.ts';

const block = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

test('an answer that came while the loop was blocked is taken', async () => {
  const answer = patiently(150, () => pause(60, 'answer'));
  block(400);
  expect(await answer).toBe('answer');
});

test('silence ends in an error that the work is told of', async () => {
  let told: AbortSignal | undefined;
  const silence = patiently(100, (signal) => {
    told = signal;
    return new Promise(() => undefined);
  });
  await expect(silence).rejects.toThrow('no answer within 100 ms');
  expect(told?.aborted).toBe(true);
});

test('an error of the work is its own', async () => {
  await expect(patiently(1_000, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
