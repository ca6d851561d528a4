// The page's reads while PostgreSQL is away, and those that take their time.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { handler as crop } from '../../handlers/crop.ts';
import { handler as deer } from '../../handlers/deer.ts';
import { handler as names } from '../../handlers/names.ts';
import { handler as oneDeer } from '../../handlers/oneDeer.ts';
import { handler as season } from '../../handlers/season.ts';
import { closeWiring } from '../../lib/clients.ts';
import { soonOrHeld } from '../../lib/lambda/held.ts';
import { read } from './fixture.ts';

process.env.DATABASE_URL = 'postgres://nobody@127.0.0.1:1/nothing';
afterAll(closeWiring);

test.each([
  ['the season', season],
  ['names', names],
  ['the deer', deer],
  ['one deer', oneDeer],
  ['a picture', crop],
])('%s: 503, and when to ask again', async (_, handler) => {
  const parameters = { deer_id: randomUUID(), detection_id: randomUUID() };
  const { status, headers, json } = await read(handler, '', { parameters });
  expect([status, headers['content-type'], headers['retry-after'], json]).toEqual([
    ...[503, 'application/problem+json', '2'],
    { detail: 'PostgreSQL is not available' },
  ]);
});

describe('an answer', () => {
  const answer = { status: 200 };

  test('that is there soon is no held one', async () => {
    expect(await soonOrHeld(Promise.resolve(answer))).toBe(answer);
    await expect(soonOrHeld(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  test('that takes its time is held, and so is its error', async () => {
    const held = await soonOrHeld(pause(1_200, answer));
    expect(Object.keys(held)).toEqual(['held']);
    expect(await (held as { held: Promise<unknown> }).held).toBe(answer);
    const failing = await soonOrHeld(pause(1_200).then(() => Promise.reject(new Error('late'))));
    await expect((failing as { held: Promise<unknown> }).held).rejects.toThrow('late');
  });
});
