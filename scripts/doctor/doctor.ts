// What `npm run doctor` checks: each finding is a line, and a failing one says what to type.
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { malformed } from '../../lib/config.ts';
import { errorMessage, Fault, isFault } from '../../lib/errors.ts';
import { environmentFor, isExternal, PREFERRED_PORTS, SERVICE_VARIABLES } from '../../localstack/stack/environment.ts';
import { checkFolder, dataFolder, ENGINE_VERSIONS, PROJECT, remedy } from '../../localstack/stack/folder.ts';
import { openHealth } from '../../localstack/stack/health.ts';
import { type Lock, tryLock } from '../../localstack/stack/lock.ts';
import { livingOwner, OWNER_LOCK, type OwnerRecord } from '../../localstack/stack/owner.ts';
import { anotherPort, isFree, parsePort } from '../../localstack/stack/ports.ts';
import { databaseState, findMissingBucket } from '../../localstack/stack/preflight.ts';
import { publicAddresses } from './connect.ts';

export interface Finding {
  /** note: not a fault, but worth knowing. */
  state: 'ok' | 'note' | 'fails';
  line: string;
}

const NEEDED_BYTES = 1024 ** 3;
const ok = (line: string): Finding => ({ state: 'ok', line });
const note = (line: string): Finding => ({ state: 'note', line });
const fails = (line: string): Finding => ({ state: 'fails', line });

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18)
    ? ok(`Node ${process.version}`)
    : fails(
        `Node ${process.version} is too old. Type: npm run setup (it installs Node 24 in node_modules), then use npm run ... or npx ...`,
      );
}

function packages(): Finding {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !existsSync(join(PROJECT, 'node_modules', name, 'package.json')),
  );
  return missing.length === 0
    ? ok('packages are installed')
    : fails(`packages are missing: ${missing.join(', ')}. Type: npm run setup`);
}

function disk(folder: string): Finding {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  try {
    accessSync(at, constants.W_OK);
  } catch (error) {
    return fails(remedy(folder, (error as Error).message) ?? errorMessage(error));
  }
  const { bavail, bsize } = statfsSync(at);
  const line = `${((Number(bavail) * Number(bsize)) / 1024 ** 3).toFixed(1)} GB free at ${at}`;
  return Number(bavail) * Number(bsize) >= NEEDED_BYTES
    ? ok(line)
    : fails(`${line}: less than 1 GB. Make room, or set HOOFPRINT_DATA to a folder on another disk`);
}

function variables(env: NodeJS.ProcessEnv): Finding[] {
  return malformed(env).map((line) => fails(`${line}. Correct it, or unset it`));
}

function versions(folder: string): Finding {
  try {
    const made = checkFolder(folder);
    const named = Object.entries(ENGINE_VERSIONS).map(([name, version]) => `${name} ${version}`);
    return ok(
      made === undefined
        ? `${folder} is not made yet (will be: ${named.join(', ')})`
        : `${folder} was made by ${named.join(', ')}`,
    );
  } catch (error) {
    if (error instanceof Fault) return fails(error.message);
    throw error;
  }
}

async function owner(folder: string): Promise<{ finding: Finding; record: OwnerRecord | undefined }> {
  const record = await livingOwner(folder);
  if (record !== undefined) {
    const line = `${folder} is held by process ${record.pid} (${record.role}, ${record.state}, since ${record.startedAt}). To stop it: kill ${record.pid}`;
    return { finding: note(line), record };
  }
  if (!existsSync(join(folder, OWNER_LOCK))) return { finding: ok('the data folder is free'), record };
  let lock: Lock | undefined;
  try {
    lock = tryLock(join(folder, OWNER_LOCK));
  } catch (error) {
    return {
      finding: fails(isFault(error) ? error.message : (remedy(folder, errorMessage(error)) ?? errorMessage(error))),
      record,
    };
  }
  lock?.release();
  const held = fails(
    `${folder} is held by a process that does not answer. Type: fuser ${join(folder, OWNER_LOCK)} (or lsof), then kill that process`,
  );
  return { finding: lock === undefined ? held : ok('the data folder is free'), record };
}

async function ports(env: NodeJS.ProcessEnv, record: OwnerRecord | undefined): Promise<Finding[]> {
  const findings: Finding[] = [];
  const needed = [
    ['HOOFPRINT_HTTP_PORT', env.HOOFPRINT_HTTP_PORT || '8001'],
    ['HOOFPRINT_LAMBDA_PORT', env.HOOFPRINT_LAMBDA_PORT || '8002'],
  ] as const;
  if (needed[0][1] === needed[1][1])
    findings.push(fails('HOOFPRINT_HTTP_PORT and HOOFPRINT_LAMBDA_PORT must be two ports'));
  for (const [variable, named] of needed) {
    const port = parsePort(named);
    if (port === undefined)
      findings.push(fails(`${variable} must be a port number from 1 to 65535, not ${JSON.stringify(named)}`));
    else if (await isFree(port)) findings.push(ok(`port ${port} is free`));
    else if (record?.role === 'service') findings.push(ok(`port ${port} is in use, probably by the running stack`));
    else
      findings.push(
        fails(
          `port ${port} is in use by another program (fuser ${port}/tcp shows which). Type: ${variable}=${anotherPort(port)} npm start`,
        ),
      );
  }
  if (record !== undefined) return findings;
  for (const [name, port] of Object.entries(PREFERRED_PORTS)) {
    if (!(await isFree(port))) findings.push(note(`port ${port} is in use; the local ${name} will use another one`));
  }
  return findings;
}

async function services(env: NodeJS.ProcessEnv, record: OwnerRecord | undefined): Promise<Finding[]> {
  const findings = Object.entries(SERVICE_VARIABLES).flatMap(([need, names]) =>
    names.filter((name) => env[name]).map((name) => note(`${name} is set: ${need} is external`)),
  );
  if (record === undefined && findings.length === 0) return [];
  const environment = await environmentFor(env, { environment: record?.environment ?? {} });
  const health = openHealth(environment);
  const ill = await health.check();
  await health.close();
  const answers = environment.DATABASE_URL && ill.postgres === undefined && isExternal(env, 'postgres');
  const state = answers ? await databaseState(environment.DATABASE_URL ?? '') : undefined;
  findings.push(...(state?.faults ?? []).map(fails), ...(await findMissingBucket(env, environment)).map(fails));
  const asked = {
    postgres: 'DATABASE_URL',
    redis: 'REDIS_URL',
    sqs: 'AWS_ENDPOINT_URL_SQS',
    s3: 'AWS_ENDPOINT_URL_S3',
  } as const;
  for (const [service, variable] of Object.entries(asked) as [keyof typeof asked, string][]) {
    if (!environment[variable]) continue;
    const reason = ill[service];
    if (reason === undefined && service === 'postgres' && state !== undefined) {
      if (state.works !== undefined) findings.push(ok(state.works));
      findings.push(...state.notes.map(note));
    } else if (reason === undefined) findings.push(ok(`${service} answers`));
    else
      findings.push(
        fails(
          `${service} does not answer: ${reason}. ${env[variable] ? `Check ${variable}, or unset it` : 'Stop the stack and type: npm start'}`,
        ),
      );
  }
  return findings;
}

/** Checks without changing anything. What it looks for is a finding, never an error. */
export async function runDoctor(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const folder = dataFolder(env);
  const { finding, record } = await owner(folder);
  const outside = await services(env, record).catch((error: unknown) => [fails(errorMessage(error))]);
  return [
    node(),
    packages(),
    disk(folder),
    ...variables(env),
    versions(folder),
    finding,
    ...(await ports(env, record)),
    ...outside,
    ...publicAddresses(record?.environment ?? {}).map(note),
  ];
}
