// A host with its own data folder: an empty database, and engines that no other test uses.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Service, startService } from '../../localstack/host/service.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { objectsFolder } from './left-over.ts';
import { bareEnvironment } from './services.ts';

export interface OwnHost {
  service: Service;
  folder: string;
  imageRoot: string;
  /** Files below a folder of the bucket, as the disk has them. */
  inBucket(prefix: string): string[];
  close(): Promise<void>;
}

export async function openOwnHost(
  more: NodeJS.ProcessEnv = {},
  command?: Parameters<typeof startService>[0]['command'],
): Promise<OwnHost> {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-host-'));
  const data = join(folder, 'data');
  const [httpPort, lambdaPort] = await freePorts(2);
  const service = await startService({
    httpPort: httpPort!,
    lambdaPort: lambdaPort!,
    env: { ...bareEnvironment(), HOOFPRINT_DATA: data, HOOFPRINT_PORTS: 'free', HOOFPRINT_DEMO: '0', ...more },
    logFile: join(folder, 'service.log'),
    command,
  });
  return {
    service,
    folder,
    imageRoot: join(data, 'images', 'frames'),
    inBucket: (prefix) => {
      const objects = join(objectsFolder(join(data, 'aws')), 'hoofprint-exports', 'objects');
      return existsSync(join(objects, prefix))
        ? readdirSync(join(objects, prefix), { recursive: true, encoding: 'utf8' }).filter((file) =>
            /\.data$/.test(file),
          )
        : [];
    },
    close: async () => {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
