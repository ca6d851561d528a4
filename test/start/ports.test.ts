// Ports that are taken, or none: each refusal says what to type.
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { holdServicePorts } from '../../localstack/host/service-ports.ts';
import { keepEngine } from '../../localstack/stack/supervisor.ts';
import { runDoctor } from '../../scripts/doctor/doctor.ts';
import { endAll, freshFolder } from '../support/owners.ts';
import { SECRETS } from '../support/secrets.ts';
import { plain, refused, start } from './person.ts';

const listening: Server[] = [];
afterAll(async () => {
  for (const server of listening) server.close();
  await endAll();
});

async function takenPort(): Promise<number> {
  const server = createServer();
  listening.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

test('a taken port, and one that is none', async () => {
  const port = await takenPort();
  await refused(
    start(plain({ HOOFPRINT_HTTP_PORT: String(port) })),
    new RegExp(`port ${port} is in use.*npm run doctor.*HOOFPRINT_HTTP_PORT=\\d+ npm start`),
  );
  const hold = (httpPort: string, lambdaPort: string): Promise<unknown> =>
    holdServicePorts([
      { option: 'httpPort', variable: 'HOOFPRINT_HTTP_PORT', port: httpPort, host: '127.0.0.1' },
      { option: 'lambdaPort', variable: 'HOOFPRINT_LAMBDA_PORT', port: lambdaPort, host: '127.0.0.1' },
    ]);
  await expect(hold('18951', '18951')).rejects.toThrow(
    'port 18951 cannot be both HOOFPRINT_HTTP_PORT and HOOFPRINT_LAMBDA_PORT; another one: HOOFPRINT_LAMBDA_PORT=19951 npm start',
  );
  await expect(hold('abc', '18951')).rejects.toThrow(
    /HOOFPRINT_HTTP_PORT .* must be a port number from 1 to 65535, not "abc"/,
  );
}, 60_000);

test('an address that is none of this machine is not called a taken port', async () => {
  const port = { variable: 'HOOFPRINT_HTTP_PORT', port: '18952', host: '::2' };
  await expect(holdServicePorts([port])).rejects.toThrow('::2 (HOOFPRINT_HOST) is no address of this machine');
});

test('the doctor reports a port that is none, and one port for two', async () => {
  const findings = async (ports: NodeJS.ProcessEnv): Promise<unknown[]> => runDoctor({ ...plain(), ...ports });
  const fails = (line: string): object => ({ state: 'fails', line });
  expect(await findings({ HOOFPRINT_HTTP_PORT: '99999' })).toContainEqual(
    fails('HOOFPRINT_HTTP_PORT must be a port number from 1 to 65535, not "99999"'),
  );
  expect(await findings({ HOOFPRINT_HTTP_PORT: '18951', HOOFPRINT_LAMBDA_PORT: '18951' })).toContainEqual(
    fails('HOOFPRINT_HTTP_PORT and HOOFPRINT_LAMBDA_PORT must be two ports'),
  );
});

test('a taken port of an engine: it takes another one', async () => {
  const wanted = await takenPort();
  const folder = join(freshFolder(), 'redis');
  const engine = await keepEngine({
    name: 'redis',
    folder,
    port: wanted,
    anyPort: true,
    settings: {},
    secrets: SECRETS,
    onGivenUp: () => undefined,
  });
  expect(engine.port).not.toBe(wanted);
  await engine.stop();
});
