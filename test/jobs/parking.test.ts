// Messages that are none: parked with their reason, also where they fill all that the queue takes.
import { randomUUID } from 'node:crypto';
import { Fault } from '../../lib/errors.ts';
import { parkUnreadable } from '../../lib/exports/job/dead-letter.ts';
import { messageContract } from '../../lib/exports/job/message.ts';
import { readMessage } from '../../lib/lambda/queue.ts';
import { logFrom } from '../../lib/log.ts';
import { testPorts } from '../support/ports.ts';
import { ownQueues, take } from '../support/queues.ts';

await ownQueues();
const ports = testPorts();
beforeAll(() => logFrom('silent'));
afterAll(() => ports.close());

test('1 MiB, which leaves no room for a reason, is parked with its beginning', async () => {
  const text = `\u00e9${'x'.repeat(1024 * 1024 - 2)}`;
  await parkUnreadable(ports, new Fault('corrupt', 'message is not valid JSON'), text);
  const [parked] = await take(process.env.EXPORTS_PARKED_QUEUE_URL!);
  expect(text.startsWith(parked!.Body!)).toBe(true);
  expect(parked!.Body!.length).toBeGreaterThan(200_000);
  expect(parked!.MessageAttributes?.reason?.StringValue).toBe(
    'message is not valid JSON (the first 208896 of 1048576 bytes are kept)',
  );
});

test('a body of a million quotes is refused as quickly as any other', () => {
  // A search for the end of each string from each quote anew would take the better part of an
  // hour.
  const text = `"${'\\"'.repeat(524_000)}`;
  expect(() => readMessage(messageContract)(text)).toThrow('message is not valid JSON');
  const nested = JSON.stringify({ quoted: '[[[[\\"{{{{'.repeat(40) });
  expect(() => readMessage(messageContract)(nested)).toThrow('message is not valid: ');
});

test.each(['2016-12-31T23:59:60Z', '2016-12-31T23:59:60.5+00:00', '2016-12-31', 'now'])(
  'a message of %s is none: clocks here have no such time',
  (created_at) => {
    const message = { version: 1, job_id: randomUUID(), kind: 'pdf', created_at, request: {} };
    expect(() => readMessage(messageContract)(JSON.stringify(message))).toThrow('created_at must be a date-time');
    expect(
      readMessage(messageContract)(JSON.stringify({ ...message, created_at: '2016-12-31T23:59:59.5Z' })),
    ).toBeDefined();
  },
);
