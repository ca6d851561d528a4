// Names and limits are the same in resources.ts, serverless.yml, compose.yaml, elasticmq.conf and
// the LocalStack script.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PREFERRED_PORTS } from '../../localstack/stack/environment.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import {
  ACCOUNT,
  BUCKET,
  CONSUMER_TIMEOUT_SECONDS,
  DEAD_LETTER_TIMEOUT_SECONDS,
  DEAD_VISIBILITY_SECONDS,
  MAX_RECEIVES,
  QUEUE_ATTRIBUTES,
  QUEUES,
  REGION,
  RETENTION_SECONDS,
  VISIBILITY_SECONDS,
} from '../../localstack/stack/resources.ts';

const text = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

interface Limits {
  retention: number;
  visibility: number;
  redrive?: { target: string; receives: number };
}

const wanted: Record<string, Limits> = Object.fromEntries(
  QUEUE_ATTRIBUTES.map(({ name, attributes }) => [
    name,
    {
      retention: Number(attributes.MessageRetentionPeriod),
      visibility: Number(attributes.VisibilityTimeout),
      ...(name === QUEUES.exports ? { redrive: { target: QUEUES.dead, receives: MAX_RECEIVES } } : {}),
    },
  ]),
);

test('the limits keep AWS rules: visibility six times the timeout, parked and dead outlive the work queue', () => {
  expect(Object.keys(wanted).sort()).toEqual(Object.values(QUEUES).sort());
  expect(VISIBILITY_SECONDS).toBeGreaterThanOrEqual(6 * CONSUMER_TIMEOUT_SECONDS);
  expect(DEAD_VISIBILITY_SECONDS).toBeGreaterThanOrEqual(6 * DEAD_LETTER_TIMEOUT_SECONDS);
  expect(wanted[QUEUES.dead]!.retention).toBeGreaterThan(RETENTION_SECONDS);
  expect(wanted[QUEUES.parked]!.retention).toBe(14 * 86_400);
});

test('elasticmq.conf', () => {
  const conf = text('localstack/elasticmq.conf');
  const queues = conf.slice(conf.indexOf('queues {'));
  const found: Record<string, Limits> = {};
  for (const [, name, body] of queues.matchAll(/^ {2}([\w-]+) \{\n([\s\S]*?)^ {2}\}/gm)) {
    const target = /name = "([\w-]+)"/.exec(body!)?.[1];
    found[name!] = {
      retention: Number(/messageRetentionPeriod = (\d+) seconds/.exec(body!)?.[1]),
      visibility: Number(/defaultVisibilityTimeout = (\d+) seconds/.exec(body!)?.[1]),
      ...(target ? { redrive: { target, receives: Number(/maxReceiveCount = (\d+)/.exec(body!)?.[1]) } } : {}),
    };
  }
  expect(found).toEqual(wanted);
  expect(conf).toContain(`region = ${REGION}`);
  expect(conf).toContain(`accountId = ${ACCOUNT}`);
});

test('the LocalStack script makes the same queues and bucket, in an order in which redrive targets exist', () => {
  const script = text('localstack/ready.d/init.sh');
  const found = [...script.matchAll(/^queue ([\w-]+) '(.*)'$/gm)].map(([, name, json]) => ({
    name,
    attributes: JSON.parse(json!) as Record<string, string>,
  }));
  expect(found).toEqual(QUEUE_ATTRIBUTES);
  expect(script).toContain(`create-bucket --bucket ${BUCKET} `);
  expect(statSync(join(PROJECT, 'localstack/ready.d/init.sh')).mode & 0o111).not.toBe(0);
  expect(spawnSync('sh', ['-n', join(PROJECT, 'localstack/ready.d/init.sh')]).status).toBe(0);
});

test('compose.yaml: pinned images, loopback only, health checks, volumes, bucket, the ElasticMQ address', () => {
  const compose = text('localstack/compose.yaml');
  const images = [...compose.matchAll(/image: (\S+)/g)].map(([, image]) => image);
  expect(images.filter((image) => image !== 'hoofprint:local')).toHaveLength(4);
  for (const image of images) expect(image).toMatch(/:v?\d+[\w.-]*$|^hoofprint:local$/);
  const published = [...compose.matchAll(/ports: \['([^']+)'\]/g)].map(([, port]) => port!);
  expect(published).toHaveLength(5);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  expect(compose.match(/healthcheck:\n/g)).toHaveLength(4);
  for (const port of [PREFERRED_PORTS.postgres, PREFERRED_PORTS.redis, PREFERRED_PORTS.aws])
    expect(compose).toContain(`'127.0.0.1:${port}:`);
  expect(compose).toContain(`{"buckets":["${BUCKET}"]}`);
  const [, outside] = /127\.0\.0\.1:(\d+):9324/.exec(compose)!;
  expect(text('localstack/elasticmq.conf')).toMatch(new RegExp(`host = "127\\.0\\.0\\.1"\\n {2}port = ${outside}\\n`));
  expect(existsSync(join(PROJECT, 'localstack/elasticmq.conf'))).toBe(true);
});

test('serverless.yml', () => {
  const yaml = text('serverless.yml');
  const found: Record<string, Partial<Limits>> = {};
  for (const [, body] of yaml.matchAll(/Type: AWS::SQS::Queue\n {6}Properties:\n((?: {8}.*\n)+)/g)) {
    const number = (name: string): number | undefined => {
      const value = new RegExp(`${name}: (\\d+)`).exec(body!)?.[1];
      return value === undefined ? undefined : Number(value);
    };
    const name = /QueueName: (\S+)/.exec(body!)?.[1];
    found[name!] = {
      retention: number('MessageRetentionPeriod')!,
      // SQS's own default where the file does not say.
      visibility: number('VisibilityTimeout') ?? 30,
      ...(body!.includes('RedrivePolicy')
        ? {
            redrive: {
              target: /GetAtt ExportsDeadQueue/.test(body!) ? QUEUES.dead : '?',
              receives: number('maxReceiveCount')!,
            },
          }
        : {}),
    };
  }
  expect(found).toEqual(wanted);
  expect(yaml).toContain(`EXPORTS_BUCKET: \${env:EXPORTS_BUCKET, '${BUCKET}'}`);
  const timeout = (name: string): number =>
    Number(new RegExp(`^ {2}${name}:\\n(?: {4}.*\\n)*? {4}timeout: (\\d+)`, 'm').exec(yaml)?.[1]);
  expect(timeout('generateExport')).toBe(CONSUMER_TIMEOUT_SECONDS);
  expect(timeout('deadLetterExport')).toBe(DEAD_LETTER_TIMEOUT_SECONDS);
});
