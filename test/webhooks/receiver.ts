// Somebody who is told by webhook, and checks each time with the library of the standard who says
// it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Told {
  id: string;
  path: string;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

export interface Receiver {
  url: string;
  /** What was sent and verified, with any answer. */
  told: Told[];
  /** Why something was not verified. */
  refused: string[];
  /** Status of the next answers; 204 when there is none. */
  answers: number[];
  close(): Promise<void>;
}

/** @param secret asked for at each request */
export async function openReceiver(secret: () => string): Promise<Receiver> {
  const told: Told[] = [];
  const refused: string[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    try {
      const headers = request.headers as Record<string, string>;
      const body = new Webhook(secret()).verify(Buffer.concat(parts), headers) as Told['body'];
      told.push({ id: headers['webhook-id']!, path: request.url!, body });
    } catch (error) {
      refused.push(String(error));
    }
    response.writeHead(answers.shift() ?? 204, { location: '/elsewhere' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    ...{ told, refused, answers },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
