// The emulator with one function that echoes its event, as `serverless offline` runs it with our
// gateway.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../../../localstack/stack/folder.ts';
import { freePorts } from '../../../localstack/stack/ports.ts';
import { until } from '../../support/wait.ts';

export const ROUTES = ['GET /echo', 'POST /echo', 'PUT /echo', 'GET /items/{id}', 'DELETE /items/{id}', '*'];

export interface EchoEmulator {
  port: number;
  stop(): Promise<void>;
}

const plugin = `
const { Emulator } = require(${JSON.stringify(join(PROJECT, 'localstack/offline/serverless-offline.ts'))});
module.exports = class {
  constructor(serverless) {
    this.hooks = {
      'before:offline:start': async () => new Emulator(serverless.pluginManager.plugins).actAsGatewayOnceStarted(),
    };
  }
};`;

export async function startEmulator(): Promise<EchoEmulator> {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-echo-'));
  const [httpPort, lambdaPort] = await freePorts(2);
  cpSync(join(import.meta.dirname, 'echo.cjs'), join(folder, 'echo.cjs'));
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'plugin.cjs'), plugin);
  const service = {
    service: 'echo',
    plugins: ['./plugin.cjs', 'serverless-offline'],
    custom: {
      'serverless-offline': {
        host: '127.0.0.1',
        httpPort,
        lambdaPort,
        noPrependStageInUrl: true,
        noSponsor: true,
        disableCookieValidation: true,
      },
    },
    provider: { name: 'aws', runtime: 'nodejs24.x', stage: 'dev', httpApi: { payload: '2.0', cors: false } },
    functions: { echo: { handler: 'echo.handler', events: ROUTES.map((httpApi) => ({ httpApi })) } },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'serverless.yml'), JSON.stringify(service));
  const serverless = join(PROJECT, 'node_modules/serverless/bin/serverless.js');
  const child = spawn(process.execPath, [serverless, 'offline'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await until('the emulator', async () => {
    if (child.exitCode !== null) throw new Error(said);
    return fetch(`http://127.0.0.1:${httpPort}/echo`).then(
      (response) => (response.ok ? true : undefined),
      () => undefined,
    );
  });
  return {
    port: httpPort!,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
