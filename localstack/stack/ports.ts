// Ports of this machine: which are free, and holding one until its user comes.
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { Fault } from '../../lib/errors.ts';

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The port that a text names; undefined when it names none. */
export const parsePort = (text: string): number | undefined =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;

/** One to propose when a port is taken. */
export const anotherPort = (port: number): number => port + (port < 60_000 ? 1_000 : -1_000);

/**
 * Takes a port and refuses connections until the answer is called; undefined when it is in use.
 * @throws Fault `misconfigured` when this machine does not have the address
 */
export async function holdPort(port: number, host = '127.0.0.1'): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => socket.destroy());
  // Does not keep its process alive.
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', ({ code = '' }: NodeJS.ErrnoException) =>
      ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EAFNOSUPPORT'].includes(code)
        ? reject(new Fault('misconfigured', `${host} (HOOFPRINT_HOST) is no address of this machine (${code})`))
        : resolve(undefined),
    );
    server.listen(port, host, () => resolve(promisify(server.close.bind(server))));
  });
}

export async function isFree(port: number): Promise<boolean> {
  const release = await holdPort(port);
  await release?.();
  return release !== undefined;
}
