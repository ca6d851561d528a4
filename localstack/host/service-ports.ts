// The two ports of a service, held until it listens.
import { Fault } from '../../lib/errors.ts';
import { anotherPort, holdPort, parsePort } from '../stack/ports.ts';

export interface ServicePort {
  /** Of `serverless offline`, which has options as well: httpPort. */
  option?: string;
  variable: string;
  /** As it was given. */
  port: string;
  host: string;
}

/**
 * Takes both ports until the answer is called: an engine would otherwise take one.
 * @throws Fault `invalid` or `conflict` that says what to type
 */
export async function holdServicePorts(ports: readonly ServicePort[]): Promise<() => Promise<void>> {
  const held: (() => Promise<void>)[] = [];
  for (const { option, variable, port, host } of ports) {
    const number = parsePort(port);
    const or = option === undefined ? '' : ` (or --${option})`;
    if (number === undefined)
      throw new Fault('invalid', `${variable}${or} must be a port number from 1 to 65535, not ${JSON.stringify(port)}`);
    const release = await holdPort(number, host);
    const other = `${variable}=${anotherPort(number)} npm start`;
    if (release === undefined)
      throw new Fault(
        'conflict',
        ports[0]?.port === ports[1]?.port
          ? `port ${port} cannot be both HOOFPRINT_HTTP_PORT and HOOFPRINT_LAMBDA_PORT; another one: ${other}`
          : `port ${port} is in use. \`npm run doctor\` shows by whom; another port: ${other}${or}`,
      );
    held.push(release);
  }
  return async () => {
    for (const release of held) await release();
  };
}
