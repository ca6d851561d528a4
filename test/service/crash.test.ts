// The worst day of a laptop: everything is killed with -9 while a job runs; started again, the job
// ends well without a new request.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportStatus } from '../../lib/exports/job/status.ts';
import { type Service, startService } from '../../localstack/host/service.ts';
import { stampFolder } from '../../localstack/stack/folder.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { download } from '../../scripts/demo/client.ts';
import { type ImageArchive, openImageArchive } from '../support/image-archive.ts';
import { outsideEnvironment } from '../support/services.ts';
import { until } from '../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-crash-'));
let service: Service | undefined;
/** What a run waits for until it is killed, or has to end. */
let archive: ImageArchive;
// What is killed is not the size of a herd: a copy of the suite's small one loads nothing.
beforeAll(async () => {
  archive = await openImageArchive();
  const filled = process.env.HOOFPRINT_TEST_CLUSTER;
  if (filled === undefined) return;
  mkdirSync(join(folder, 'data/postgres'), { recursive: true });
  stampFolder(join(folder, 'data'));
  cpSync(filled, join(folder, 'data/postgres/cluster'), { recursive: true });
});
afterAll(async () => {
  archive?.release();
  await service?.stop();
  archive?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** The embedded stack, whatever the suite runs against: it is what is killed here. */
async function start(command?: readonly [string, ...string[]]): Promise<Service> {
  const [httpPort, lambdaPort] = await freePorts(2);
  const env = Object.fromEntries(
    Object.entries(outsideEnvironment()).filter(
      ([name]) => !/^(DATABASE_URL|REDIS_URL|AWS_.*|S3_.*|EXPORTS_.*)$/.test(name),
    ),
  );
  return startService({
    httpPort: httpPort!,
    lambdaPort: lambdaPort!,
    env: { ...env, IMAGE_ARCHIVE_URL: archive.url, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free' },
    logFile: join(folder, 'service.log'),
    command,
  });
}

const statusOf = async (jobId: string): Promise<ExportStatus> =>
  (await fetch(`${service!.url}/api/exports/zip/${jobId}`)).json() as never;

test('a job survives kill -9 of the whole stack and completes within 60 s of the next start', async () => {
  service = await start();
  const body = JSON.stringify({ start_date: '2023-11-01', end_date: '2023-11-02', group_by: 'day' });
  const { job_id } = (await (await fetch(`${service.url}/api/exports/zip`, { method: 'POST', body })).json()) as {
    job_id: string;
  };
  await until('its run', () => (archive.waiting() > 0 ? true : undefined), 60_000);
  expect((await statusOf(job_id)).status).toBe('processing');
  await service.kill();
  archive.drop();
  archive.release();
  // As a person does: npm passes the signals of the next test on, so that each arrives twice.
  service = await start(['npm', 'start']);
  const done = await until(
    'completion',
    async () => ((await statusOf(job_id)).status !== 'processing' ? statusOf(job_id) : undefined),
    60_000,
  );
  expect(done).toMatchObject({ status: 'completed', progress: 100 });
  await download(service.url, done, folder);
}, 240_000);

/**
 * Processes of the service's group, and those that were given this data folder: its engines have
 * separate groups.
 */
const left = (group: number): string[] =>
  (existsSync('/proc/self/stat') ? readdirSync('/proc') : [])
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        // After the name in brackets: state, parent, group.
        const ofGroup = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[2] === String(group);
        return ofGroup || command.includes(folder) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });

test('Ctrl-C while a job runs: it is finished, then a clean end, ports free, no process left', async () => {
  const { pid, url, stop } = service!;
  const ports = [
    url,
    ...left(pid).flatMap((line) => [...line.matchAll(/"port":(\d+)/g)].map(([, port]) => `http://127.0.0.1:${port}`)),
  ];
  // Where the system lists no processes, only the end itself and the port are looked at.
  if (existsSync('/proc/self/stat')) {
    expect(left(pid).length).toBeGreaterThan(4);
    // A shell between npm and the service would end at a signal without passing it on.
    expect(left(pid).filter((line) => /^\d+ (\S*\/)?(da|ba)?sh /.test(line))).toEqual([]);
  }
  archive.hold();
  const body = JSON.stringify({ start_date: '2023-11-09', end_date: '2023-11-10', group_by: 'day' });
  const accepted = await fetch(`${url}/api/exports/zip`, { method: 'POST', body });
  const { job_id } = (await accepted.json()) as { job_id: string };
  await until('its run', () => (archive.waiting() > 0 ? true : undefined), 60_000);
  const ended = stop(60_000, 'SIGINT');
  const isDraining = async (): Promise<true | undefined> =>
    (await fetch(`${url}/readyz`)).status === 503 ? true : undefined;
  await until('its answer that it ends', isDraining, 20_000);
  expect(left(pid)).not.toEqual([]);
  archive.release();
  expect(await ended).toBe(0);
  expect(left(pid)).toEqual([]);
  for (const port of ports) await expect(fetch(port)).rejects.toThrow();
  const log = readFileSync(join(folder, 'service.log'), 'utf8').split('\n');
  expect(log.some((line) => line.includes('"job completed"') && line.includes(job_id))).toBe(true);
}, 120_000);
