// npm run parked: the operator sees every parked message with its reason, more than once, and can
// take them out.
import { CreateQueueCommand, DeleteQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { askAgain, parked } from '../../scripts/parked/parked.ts';

const sqs = new SQSClient({ endpoint: process.env.AWS_ENDPOINT_URL_SQS });
let url = '';
beforeAll(async () => {
  url = (await sqs.send(new CreateQueueCommand({ QueueName: `looked-at-${process.pid}` }))).QueueUrl ?? '';
});
afterAll(async () => {
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  sqs.destroy();
});

const send = (MessageBody: string, attributes: Record<string, string>) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: url,
      MessageBody,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );

test('lists more than one batch, twice the same, and removes only when asked to', async () => {
  for (let number = 0; number < 12; number += 1)
    await send(`body ${number}`, { reason: `reason ${number}`, job_id: `job-${number}` });
  const look = (remove: boolean) => parked({ EXPORTS_PARKED_QUEUE_URL: url }, remove);
  const first = await look(false);
  expect(first.map(({ reason, jobId, body }) => [reason, jobId, body]).sort()).toEqual(
    Array.from({ length: 12 }, (_, number) => [`reason ${number}`, `job-${number}`, `body ${number}`]).sort(),
  );
  const shown: unknown[] = [];
  expect(await parked({ EXPORTS_PARKED_QUEUE_URL: url }, true, (found) => void shown.push(...found))).toHaveLength(12);
  expect(shown).toHaveLength(12);
  expect(await look(false)).toEqual([]);
}, 60_000);

test('the line that asks again survives a shell and a terminal', () => {
  const body = JSON.stringify({ kind: 'pdf', request: { title: "O'Hara \u009b31m \u00fc", start_date: '2024-01-01' } });
  expect(askAgain(body, 'http://localhost:8001')).toBe(
    `curl -X POST http://localhost:8001/api/exports/pdf -d '{"title":"O'\\''Hara \\u009b31m \\u00fc","start_date":"2024-01-01"}'`,
  );
  const long = { kind: 'zip', request: { detection_ids: Array(30_000).fill("it's") } };
  expect(askAgain(JSON.stringify(long), 'http://localhost:8001')).toMatch(
    /^curl -X POST \S+\/zip -d @- <<'END'\n\{"detection_ids":\["it's",.*\]\}\nEND$/,
  );
  expect(askAgain('{"kind":"zip","stored":{"object_key":"requests/1"}}', '')).toBe(
    'a zip request too large for a message; it was stored in the bucket as "requests/1"',
  );
  expect(askAgain('nonsense \u001b[2J', '')).toBe('not a readable message: "nonsense \\u001b[2J"');
});
