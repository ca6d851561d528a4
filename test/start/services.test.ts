// Variables that are malformed, and services outside that do not answer or lack something: each
// refusal is a sentence that names the variable.
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { buildApp } from 'fauxqs';
import { malformed, variables } from '../../lib/config.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { runDoctor } from '../../scripts/doctor/doctor.ts';
import { ownDatabase } from '../support/database.ts';
import { endAll } from '../support/owners.ts';
import { outsideBut, plain, refusal, refused, start } from './person.ts';

afterAll(endAll);

test('malformed variables are all named before anything starts, and by the doctor; secrets in them are not shown', async () => {
  const wrong = {
    DATABASE_URL: 'mysql://me:secret@127.0.0.1/deer',
    REDIS_URL: 'nonsense',
    AWS_ENDPOINT_URL_SQS: '',
    EXPORTS_QUEUE_URL: 'exports',
    TIME_ZONE: 'Nowhere/Land',
    EXPORT_TTL_SECONDS: '1h',
    REID_THRESHOLD: '70%',
    CAMTRAP_DP_PACKAGE: '[]',
    LOG_LEVEL: 'loud',
  };
  const env = plain(wrong);
  const sentence = await refusal(env);
  for (const part of [
    /DATABASE_URL must be a URL such as postgres:\/\//,
    /TIME_ZONE must be an IANA time zone/,
    /EXPORT_TTL_SECONDS must be a whole number/,
  ])
    expect(sentence).toMatch(part);
  expect(readdirSync(env.HOOFPRINT_DATA!)).toEqual([]);
  const sentences = malformed(wrong);
  expect(sentences.map((sentence) => sentence.split(' ')[0])).toEqual(
    variables.filter((name) => (wrong as Record<string, string>)[name]),
  );
  expect(sentences.join()).not.toContain('secret');
  const findings = await runDoctor({ ...plain(), TIME_ZONE: 'Nowhere/Land' });
  expect(findings).toContainEqual({
    state: 'fails',
    line: expect.stringMatching(/^TIME_ZONE must be .*Correct it, or unset it$/),
  });
}, 60_000);

test.each([
  [
    'postgres',
    { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/deer' },
    /postgres \(chosen by DATABASE_URL\): .*ECONNREFUSED.*npm run doctor/,
  ],
  ['redis', { REDIS_URL: 'redis://127.0.0.1:1' }, /redis \(chosen by REDIS_URL\): .*ECONNREFUSED.*npm run doctor/],
  [
    'SQS',
    { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' },
    /external SQS \(chosen by AWS_ENDPOINT_URL_SQS\) cannot be asked for the queue exports: .*ECONNREFUSED/,
  ],
])('%s outside that does not answer is named with its variable', async (_name, chosen, sentence) => {
  const { AWS_ENDPOINT_URL_SQS: _, ...unnamed } = outsideBut();
  const rest = 'AWS_ENDPOINT_URL_SQS' in chosen ? { ...unnamed, EXPORTS_QUEUE_URL: '' } : outsideBut();
  expect(await refusal(plain({ ...rest, ...chosen }))).toMatch(sentence);
});

test('an SQS without the queues, a database without tables and an S3 without the bucket: each is named with what to type', async () => {
  const bare = await ownDatabase();
  const empty = buildApp({ logger: false });
  try {
    const sqs = await empty.listen({ port: 0, host: '127.0.0.1' });
    const unnamed = { ...outsideBut(), AWS_ENDPOINT_URL_SQS: sqs, EXPORTS_DEAD_QUEUE_URL: '' };
    expect(await refusal(plain(unnamed))).toMatch(/has no queue exports-dead; make it or set EXPORTS_DEAD_QUEUE_URL/);
    const [httpPort, lambdaPort] = await freePorts(2);
    const ports = { HOOFPRINT_HTTP_PORT: String(httpPort), HOOFPRINT_LAMBDA_PORT: String(lambdaPort) };
    await refused(
      start(plain({ ...outsideBut(), ...ports, DATABASE_URL: bare.url, EXPORTS_BUCKET: 'no-such-bucket' })),
      /database of DATABASE_URL has no table images, detections, locations, deer\. Type: npm run migrate/,
      /external S3 has no bucket no-such-bucket\. Make it .* or set EXPORTS_BUCKET/,
    );
  } finally {
    await empty.close();
    await bare.close();
  }
}, 60_000);

test('a service outside that is silent for two seconds is waited for', async () => {
  const outside = outsideBut();
  const behind = new URL(outside.REDIS_URL!);
  const answersFrom = Date.now() + 2_500;
  const slow = createServer((socket) => {
    socket.on('error', () => undefined);
    if (Date.now() < answersFrom) return;
    const onward = connect(Number(behind.port), behind.hostname).on('error', () => undefined);
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((done) => slow.listen(0, '127.0.0.1', done));
  const url = new URL(behind);
  url.port = String((slow.address() as AddressInfo).port);
  try {
    expect(await refusal(plain({ ...outside, REDIS_URL: url.href }))).toBe('it started');
  } finally {
    slow.close();
  }
}, 60_000);
