// What `serverless package` hands to CloudFormation: the rights that functions have are the calls
// that lib/adapters makes, every variable has a value or is the deployer's, nothing is public.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { variables } from '../../lib/config.ts';
import { queueFunctions, type Service } from '../../localstack/host/declared/functions.ts';
import { readServiceFile } from '../../localstack/host/declared/service-file.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { filesIn, text } from './source.ts';

interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template has a shape for each type
  Properties: any;
}
interface Statement {
  Effect: string;
  Action: string[];
  Resource: unknown[];
}

/** A ZIP file without entries: the code of functions is not what is looked at. */
const EMPTY_ZIP = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-package-'));
let service: Service;
let resources: Record<string, Resource>;
const ofType = (type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

beforeAll(async () => {
  service = readServiceFile(PROJECT, {});
  // Bundling takes minutes, and changes only where the code is.
  const { esbuild: _, 'serverless-offline': __, ...custom } = service.custom as Record<string, unknown>;
  const packaged = { ...service, plugins: [], custom, package: { artifact: 'empty.zip' } };
  writeFileSync(join(folder, 'serverless.yml'), JSON.stringify(packaged));
  writeFileSync(join(folder, 'empty.zip'), EMPTY_ZIP);
  const serverless = join(PROJECT, 'node_modules/serverless/bin/serverless.js');
  const { PATH, HOME } = process.env;
  await promisify(execFile)(process.execPath, [serverless, 'package', '--package', join(folder, 'out')], {
    cwd: folder,
    env: { PATH, HOME, SLS_TELEMETRY_DISABLED: '1' },
  });
  const template = readFileSync(join(folder, 'out/cloudformation-template-update-stack.json'), 'utf8');
  resources = (JSON.parse(template) as { Resources: Record<string, Resource> }).Resources;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rights that a command of an AWS client needs. */
const NEEDED: Record<string, readonly string[]> = {
  SendMessageCommand: ['sqs:SendMessage'],
  SendMessageBatchCommand: ['sqs:SendMessage'],
  GetQueueAttributesCommand: ['sqs:GetQueueAttributes'],
  GetObjectCommand: ['s3:GetObject'],
  HeadObjectCommand: ['s3:GetObject'],
  PutObjectCommand: ['s3:PutObject'],
  // Creating, sending parts and completing are PutObject; breaking off is not.
  Upload: ['s3:PutObject', 's3:AbortMultipartUpload'],
  UploadPartCommand: ['s3:PutObject'],
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  DeleteObjectsCommand: ['s3:DeleteObject'],
  ListObjectsV2Command: ['s3:ListBucket'],
  HeadBucketCommand: ['s3:ListBucket'],
  ListMultipartUploadsCommand: ['s3:ListBucketMultipartUploads'],
};

/** Classes of AWS clients that the product's adapters use, but for the clients themselves. */
const used = new Set(
  filesIn('lib').flatMap((file) =>
    [...text(file).matchAll(/^import \{([^}]+)\} from '@aws-sdk\/[\w-]+';$/gm)].flatMap(([, names]) =>
      names!
        .split(',')
        .map((name) => name.trim())
        .filter((name) => /Command$|^Upload$/.test(name)),
    ),
  ),
);

const describe = (resource: unknown): string =>
  JSON.stringify(resource).replace(/\{"Fn::GetAtt":\["(\w+)","Arn"\]\}/g, '$1');

/** Pairs of a right and what it is on, without logs. */
function readRights(): Set<string> {
  const [[, role]] = ofType('AWS::IAM::Role') as [[string, Resource]];
  const statements = role.Properties.Policies.flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  ) as Statement[];
  expect(statements.map(({ Effect }) => Effect)).toEqual(statements.map(() => 'Allow'));
  return new Set(
    statements
      .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((on) => `${action} ${describe(on)}`)))
      .filter((right) => !right.startsWith('logs:')),
  );
}

test('every call of lib/adapters has its right, and there is no other', () => {
  expect([...used].filter((name) => NEEDED[name] === undefined)).toEqual([]);
  const calls = new Set([...used].flatMap((name) => NEEDED[name]!));
  // Nothing of these is called any more.
  expect(Object.keys(NEEDED).filter((name) => !used.has(name))).toEqual([]);
  const queued = queueFunctions(service).map(({ queue }) => queue);
  expect(queued).toEqual(['exports', 'exports-dead', 'webhooks']);
  const on: Record<string, string[]> = {
    'sqs:SendMessage': ['ExportsQueue', 'ExportsParkedQueue', 'WebhooksQueue'],
    'sqs:GetQueueAttributes': ['ExportsQueue', 'ExportsDeadQueue', 'ExportsParkedQueue'],
    's3:ListBucket': ['ExportsBucket'],
    's3:ListBucketMultipartUploads': ['ExportsBucket'],
  };
  const files = '{"Fn::Join":["/",[ExportsBucket,"*"]]}';
  const wanted = [...calls].flatMap((action) => (on[action] ?? [files]).map((resource) => `${action} ${resource}`));
  // Lambda receives for the functions behind queues.
  for (const queue of ['ExportsQueue', 'ExportsDeadQueue', 'WebhooksQueue'])
    for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])
      wanted.push(`sqs:${action} ${queue}`);
  expect([...readRights()].sort()).toEqual([...new Set(wanted)].sort());
});

test('every variable has a value, or is said to be of the deployer or of a machine', () => {
  const { deployer, machine } = (service.custom as { hoofprint: { deployer: string[]; machine: string[] } }).hoofprint;
  for (const [name, { Properties }] of ofType('AWS::Lambda::Function')) {
    const found = Properties.Environment.Variables as Record<string, unknown>;
    expect([name, variables.filter((variable) => found[variable] === undefined)]).toEqual([name, []]);
    const empty = variables.filter((variable) => found[variable] === '');
    expect([name, empty.sort()]).toEqual([name, [...deployer, ...machine].sort()]);
    expect(found).toMatchObject({
      EXPORTS_QUEUE_URL: { Ref: 'ExportsQueue' },
      EXPORTS_DEAD_QUEUE_URL: { Ref: 'ExportsDeadQueue' },
      EXPORTS_PARKED_QUEUE_URL: { Ref: 'ExportsParkedQueue' },
      WEBHOOKS_QUEUE_URL: { Ref: 'WebhooksQueue' },
      AUTH: 'required',
      TRUSTED_PROXIES: 'gateway',
    });
  }
  expect(ofType('AWS::Lambda::Function').length).toBe(Object.keys(service.functions!).length);
});

test('the bucket is closed to the public, and forgets what the sweeper has left', () => {
  const { Properties } = resources.ExportsBucket!;
  expect(new Set(Object.values(Properties.PublicAccessBlockConfiguration))).toEqual(new Set([true]));
  expect(Object.keys(Properties.PublicAccessBlockConfiguration)).toHaveLength(4);
  expect(Properties.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
  const rules = Properties.LifecycleConfiguration.Rules as { Id: string; Prefix?: string; ExpirationInDays?: number }[];
  expect(rules.map(({ Id, Prefix, ExpirationInDays }) => [Id, Prefix, ExpirationInDays])).toEqual([
    ['unfinished-uploads', undefined, undefined],
    // A file may be needed for a day, a request for as long as SQS keeps a message at most.
    ['old-files', 'exports/', 2],
    ['old-requests', 'requests/', 15],
    // A day without another part, by the sweeper.
    ['old-uploads', 'uploads/', 3],
  ]);
});

test('requests are bounded before a function runs', () => {
  expect(resources.HttpApiStage!.Properties.DefaultRouteSettings).toMatchObject({
    ThrottlingRateLimit: 100,
    ThrottlingBurstLimit: 200,
  });
});
