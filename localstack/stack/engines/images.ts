// The camera archive of the demo herd: draws a frame when it is first asked for, keeps it under the
// image root, and serves it.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBearer } from '../../../lib/access/secret.ts';
import type { EngineOptions } from '../engine-messages.ts';
import { removeLeftByTheDead } from '../processes.ts';
import type { Secrets } from '../secrets.ts';
import { isFromOtherSite, type Refusal, refuseBrowser } from './browsers.ts';
import { HOST, listenOn, type RunningEngine, runEngine } from './child.ts';

type DrawFrame = (path: string) => Promise<Buffer | undefined>;

let drawing: Promise<DrawFrame> | undefined;
/** Loaded on first use: the drawing library is needed only where the demo herd is. */
function drawer(): Promise<DrawFrame> {
  const module = new URL('../../herd/frames.ts', import.meta.url);
  if (!existsSync(fileURLToPath(module))) return Promise.resolve(async () => undefined);
  drawing ??= import(module.href).then((loaded: { drawFrame: DrawFrame }) => loaded.drawFrame);
  drawing.catch(() => {
    drawing = undefined;
  });
  return drawing;
}

/** Only names that the herd gives: no dots but the ending, no folder but demo/. */
const FRAME = /^demo\/[A-Za-z0-9_/-]{1,200}\.jpg$/;

/**
 * Where frames are until they are whole; no name of a frame has a dot. A kill leaves halves there:
 * each start removes them.
 */
const MAKING = 'demo/.making';

async function frame(root: string, path: string): Promise<Buffer | undefined> {
  const file = join(root, path);
  const present = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (present !== undefined) return present;
  const drawn = await (await drawer())(path);
  if (drawn === undefined) return undefined;
  for (const folder of [dirname(file), join(root, MAKING)]) await mkdir(folder, { recursive: true });
  const making = join(root, MAKING, `${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(making, drawn);
    await rename(making, file);
  } catch (error) {
    await rm(making, { force: true });
    throw error;
  }
  return drawn;
}

function refuse(request: IncomingMessage, token: string): Refusal | undefined {
  const refusal = refuseBrowser(request);
  if (refusal !== undefined) return refusal;
  if (isFromOtherSite(request)) return { status: 403, message: 'Pages of other sites may not use this port.' };
  if (isBearer(request.headers.authorization, token)) return undefined;
  return { status: 401, message: 'The frames are sent to who has IMAGE_ARCHIVE_TOKEN (npm run doctor -- --connect).' };
}

async function start(options: EngineOptions, { token }: Secrets): Promise<RunningEngine> {
  const root = options.settings.root ?? options.folder;
  removeLeftByTheDead(join(root, MAKING), (name) => name.split('-')[0]);
  const server = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    const refusal = refuse(request, token);
    if (refusal !== undefined) {
      response.writeHead(refusal.status, {
        'content-type': 'text/plain',
        ...(refusal.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      });
      response.end(`${refusal.message}\n`);
      return;
    }
    const path = (request.url ?? '/').slice(1);
    if (request.method !== 'GET' || !FRAME.test(path)) {
      response.writeHead(404).end();
      return;
    }
    frame(root, path).then(
      (bytes) => {
        if (bytes === undefined) response.writeHead(404).end();
        else response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': bytes.length }).end(bytes);
      },
      (error: unknown) => {
        console.error(`frame ${path} could not be drawn:`, error);
        response.writeHead(500).end();
      },
    );
  });
  const port = await listenOn(
    options,
    (wanted) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(wanted, HOST, () => {
          server.off('error', reject);
          resolve((server.address() as { port: number }).port);
        });
      }),
  );
  return {
    port,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

await runEngine(start);
