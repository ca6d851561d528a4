// A person who starts this program on a bad day: an environment without the suite's services,
// commands, and the sentences that they are refused with.
import { execFile } from 'node:child_process';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { freshFolder } from '../support/owners.ts';
import { bareEnvironment } from '../support/services.ts';

/** A person's environment: nothing of the suite's services. */
export const plain = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  return {
    ...bareEnvironment(),
    HOOFPRINT_DATA: freshFolder(),
    HOOFPRINT_PORTS: 'free',
    HOOFPRINT_DEMO: '0',
    LOG_LEVEL: 'silent',
    ...more,
  };
};

export function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ failed: boolean; said: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: PROJECT, env, timeout: 60_000, killSignal: 'SIGKILL' }, (error, stdout, stderr) =>
      resolve({ failed: error !== null && !error.killed, said: `${stdout}${stderr}` }),
    );
  });
}
/** `npm start` without npm. */
export const start = (env: NodeJS.ProcessEnv): ReturnType<typeof run> =>
  run(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/start.ts'], env);
/** `npx serverless offline`. */
export const offline = (env: NodeJS.ProcessEnv): ReturnType<typeof run> =>
  run(process.execPath, ['node_modules/serverless/bin/serverless.js', 'offline'], env);

export async function refused(attempt: ReturnType<typeof run>, ...sentences: RegExp[]): Promise<void> {
  const { failed, said } = await attempt;
  for (const sentence of sentences) expect(said.replace(/\s+/g, ' ')).toMatch(sentence);
  expect(said).not.toMatch(/\n\s+at /);
  expect(failed).toBe(true);
}
/** The sentence that opening a stack is refused with. */
export const refusal = (env: NodeJS.ProcessEnv): Promise<string> =>
  openStack({ role: 'service', env, herd: false, say: () => undefined }).then(
    async (stack) => {
      await stack.close();
      return 'it started';
    },
    (error: Error) => `${error.name}: ${error.message}`,
  );

/** The suite's services as ones outside: only what is left out has to start here. */
export function outsideBut(...here: ('postgres' | 'redis' | 'aws')[]): NodeJS.ProcessEnv {
  const names = {
    postgres: ['DATABASE_URL'],
    redis: ['REDIS_URL'],
    aws: [
      ...[
        'AWS_ENDPOINT_URL_SQS',
        'AWS_ENDPOINT_URL_S3',
        'AWS_REGION',
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        'EXPORTS_BUCKET',
      ],
      ...['EXPORTS_QUEUE_URL', 'EXPORTS_DEAD_QUEUE_URL', 'EXPORTS_PARKED_QUEUE_URL', 'WEBHOOKS_QUEUE_URL'],
    ],
  };
  const wanted = (['postgres', 'redis', 'aws'] as const)
    .filter((service) => !here.includes(service))
    .flatMap((service) => names[service]);
  return {
    IMAGE_ARCHIVE_URL: 'http://127.0.0.1:1',
    ...Object.fromEntries(wanted.map((name) => [name, process.env[name]])),
  };
}
