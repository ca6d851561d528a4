// The door of SQS and S3: what the AWS SDK signs passes, and nothing else, wherever it comes from.
import { request as ask } from 'node:http';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ACCOUNT, QUEUES, REGION } from '../../localstack/stack/resources.ts';
import { makeSecrets } from '../../localstack/stack/secrets.ts';
import type { Engine } from '../../localstack/stack/supervisor.ts';
import { openProxy } from '../faults/proxy.ts';
import { startEngine } from '../support/engine.ts';
import { endAll } from '../support/owners.ts';

const secrets = makeSecrets();
const KEY = "exports/a b/\u00e4'(1)!*+&=~;,@$.txt";
const TEXT = '<script>alert(1)</script>';
let engine: Engine;
let endpoint: string;
let s3: S3Client;
let link: string;
const opened: { destroy(): void }[] = [];

const client = (more: Partial<S3ClientConfig> = {}): S3Client => {
  const made = new S3Client({ endpoint, region: REGION, credentials: secrets, forcePathStyle: true, ...more });
  opened.push(made);
  return made;
};
const queues = (credentials = secrets): SQSClient => {
  const made = new SQSClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
  opened.push(made);
  return made;
};
const sign = (key: string, expiresIn = 60, signer = s3): Promise<string> =>
  getSignedUrl(signer, new GetObjectCommand({ Bucket: 'files', Key: key }), { expiresIn });

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}
/** As curl or a browser would, with any header. */
function send(url: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = ask(url, { method, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode!, headers: response.headers, text });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

beforeAll(async () => {
  engine = await startEngine('aws', secrets);
  endpoint = `http://127.0.0.1:${engine.port}`;
  s3 = client();
  await s3.send(
    new PutObjectCommand({
      Bucket: 'files',
      Key: KEY,
      Body: TEXT,
      ContentType: 'text/html',
      ContentDisposition: 'inline; filename="a.txt"',
    }),
  );
  link = await sign(KEY);
});
afterAll(async () => {
  for (const made of opened) made.destroy();
  await engine?.stop();
  await endAll();
});

test('a link works, in part as well, and what it gives is saved and never shown or kept by a browser', async () => {
  const whole = await send(link);
  expect([whole.status, whole.text]).toEqual([200, TEXT]);
  expect(whole.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-disposition': 'attachment; filename="a.txt"',
  });
  const part = await send(link, { range: 'bytes=1-6' });
  expect([part.status, part.text]).toEqual([206, 'script']);
});

test('unsigned, tampered with, of another key, for another method, or expired: 403', async () => {
  const other = await sign(KEY, 60, client({ credentials: { ...secrets, secretAccessKey: 'local' } }));
  const unknown = await sign(KEY, 60, client({ credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }));
  const brief = await sign(KEY, 1);
  const begun = Date.now();
  const refused: [string, RegExp, string?][] = [
    [link.split('?')[0]!, /<Code>AccessDenied/],
    [`${endpoint}/`, /<Code>AccessDenied/],
    [`${endpoint}/files?list-type=2`, /<Code>AccessDenied/],
    [`${endpoint}/no/such/route`, /<Code>AccessDenied/],
    [link.replace('Expires=60', 'Expires=600'), /<Code>SignatureDoesNotMatch/],
    [link.replace('.txt', '.tx'), /<Code>SignatureDoesNotMatch/],
    [`${link}&response-content-type=text%2Fhtml`, /<Code>SignatureDoesNotMatch/],
    [link, /<Code>SignatureDoesNotMatch/, 'DELETE'],
    [link, /<Code>SignatureDoesNotMatch/, 'PUT'],
    [other, /<Code>SignatureDoesNotMatch.*npm run doctor -- --connect/],
    [unknown, /<Code>InvalidAccessKeyId.*npm run doctor -- --connect/],
    // The id alone, which every link shows.
    [`${link.split('?')[0]}?X-Amz-Credential=${secrets.accessKeyId}`, /<Code>AccessDenied/],
  ];
  for (const [url, what, method] of refused) {
    const { status, text } = await send(url, {}, method);
    expect([url, status]).toEqual([url, 403]);
    expect(text).toMatch(what);
  }
  await new Promise((resolve) => setTimeout(resolve, begun + 2_100 - Date.now()));
  expect(await send(brief)).toMatchObject({ status: 403, text: expect.stringContaining('Request has expired') });
  expect((await send(link)).status).toBe(200);
});

test.each(['WHEN_REQUIRED', 'WHEN_SUPPORTED'] as const)(
  'the SDK puts, lists, and uploads 20 MB in parts (checksums %s)',
  async (requestChecksumCalculation) => {
    const sdk = client({ requestChecksumCalculation });
    const body = Readable.from([Buffer.alloc(10_000_000, 1), Buffer.alloc(10_000_000, 2)]);
    await new Upload({ client: sdk, params: { Bucket: 'files', Key: 'large', Body: body } }).done();
    expect(await sdk.send(new HeadObjectCommand({ Bucket: 'files', Key: 'large' }))).toMatchObject({
      ContentLength: 20_000_000,
    });
    const { Body } = await sdk.send(new GetObjectCommand({ Bucket: 'files', Key: 'large', Range: 'bytes=9999999-' }));
    const bytes = await Body!.transformToByteArray();
    expect([bytes.length, bytes[0], bytes[1]]).toEqual([10_000_001, 1, 2]);
    expect((await sdk.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual(['files']);
  },
);

test('SQS takes what the SDK signs, also by a proxy on another port; other keys get an error that the SDK can read', async () => {
  const QueueUrl = `${endpoint}/${ACCOUNT}/${QUEUES.exports}`;
  await queues().send(new SendMessageCommand({ QueueUrl, MessageBody: 'message \u00e4' }));
  const proxy = await openProxy({ host: '127.0.0.1', port: engine.port });
  try {
    const far = new SQSClient({ endpoint: `http://127.0.0.1:${proxy.port}`, region: REGION, credentials: secrets });
    opened.push(far);
    const { Messages } = await far.send(
      new ReceiveMessageCommand({ QueueUrl: QueueUrl.replace(endpoint, `http://127.0.0.1:${proxy.port}`) }),
    );
    expect(Messages?.map(({ Body }) => Body)).toEqual(['message \u00e4']);
  } finally {
    await proxy.close();
  }
  const message = new SendMessageCommand({ QueueUrl, MessageBody: 'x' });
  await expect(queues({ ...secrets, secretAccessKey: 'local' }).send(message)).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
  });
  await expect(queues({ ...secrets, accessKeyId: 'local' }).send(message)).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
    message: expect.stringContaining('npm run doctor -- --connect'),
  });
  const json = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' };
  expect(await send(`${endpoint}/`, json, 'POST', '{}')).toMatchObject({
    status: 403,
    text: expect.stringContaining('"__type":"com.amazonaws.sqs#AccessDenied"'),
  });
});

test('a body that is not the one that was signed is refused, and nothing of it is stored', async () => {
  let replaced = 0;
  const sdk = client({ requestChecksumCalculation: 'WHEN_REQUIRED', maxAttempts: 1 });
  sdk.middlewareStack.add(
    (next) => (args) => {
      (args.request as { body: string }).body = 'other';
      replaced += 1;
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const put = sdk.send(new PutObjectCommand({ Bucket: 'files', Key: 'body', Body: 'bytes' }));
  await expect(put).rejects.toMatchObject({ name: 'XAmzContentSHA256Mismatch' });
  expect(replaced).toBe(1);
  await expect(s3.send(new HeadObjectCommand({ Bucket: 'files', Key: 'body' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
});

test('SNS, STS, uploads by form and pages of the emulator are off, signed or not', async () => {
  const form = 'application/x-www-form-urlencoded';
  for (const body of ['Action=GetCallerIdentity', 'Action=CreateTopic&Name=t'])
    expect((await send(`${endpoint}/`, { 'content-type': form }, 'POST', body)).status).toBe(403);
  const parts = { 'content-type': 'multipart/form-data; boundary=b' };
  expect((await send(`${endpoint}/files`, parts, 'POST', '--b--')).status).toBe(403);
  for (const page of ['health', '_fauxqs/queues']) {
    expect((await send(`${endpoint}/${page}`)).status).toBe(403);
    const [Bucket = '', Key = ''] = page.split('/');
    const signed =
      Key === ''
        ? await getSignedUrl(s3, new HeadBucketCommand({ Bucket }))
        : await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }));
    expect((await send(signed, {}, Key === '' ? 'HEAD' : 'GET')).status).toBe(404);
  }
});

test('a browser: other names of this machine 421, other origins and sites 403, but a link may be followed', async () => {
  const { port } = new URL(endpoint);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    `files.localhost:${port}`,
    '127.0.0.1.evil.example',
    '0.0.0.0',
  ])
    expect([host, (await send(link, { host })).status]).toEqual([host, 421]);
  const named = client({ endpoint: `http://localhost:${port}` });
  expect((await send(await sign(KEY, 60, named), { host: `localhost:${port}` })).status).toBe(200);
  for (const origin of [
    'http://evil.example',
    'null',
    `http://127.0.0.1:${Number(port) + 1}`,
    `https://127.0.0.1:${port}`,
  ])
    expect([origin, (await send(link, { origin })).status]).toEqual([origin, 403]);
  expect((await send(link, { origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  for (const site of ['cross-site', 'same-site']) {
    const headers = { 'sec-fetch-site': site };
    expect((await send(link, headers)).status).toBe(200);
    expect((await send(`${link}x`, headers)).status).toBe(403);
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'files', Key: 'page' }));
    expect((await send(put, headers, 'PUT', 'x')).status).toBe(403);
  }
  expect((await send(link, { 'sec-fetch-site': 'none' })).status).toBe(200);
});
