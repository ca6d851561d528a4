// The demo: the whole job once, through the front door. HTTP -> SQS -> consumer -> Redis ->
// download.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Database, postgres } from '../../lib/adapters/postgres.ts';
import { isAccepted } from '../../lib/deer/detections.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { Fault } from '../../lib/errors.ts';
import { herdPresent, loadHerd, removeHerd } from '../../localstack/herd/index.ts';
import { isUp, type Service, startService } from '../../localstack/host/service.ts';
import { dataFolder } from '../../localstack/stack/folder.ts';
import { openStack, type Stack } from '../../localstack/stack/index.ts';
import { claim, livingOwner } from '../../localstack/stack/owner.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { callReid } from '../reid/call.ts';
import { download, followExport } from './client.ts';
import { progressBar } from './progress.ts';

export interface DemoOptions {
  /** Where the files go. */
  out: string;
  /** Load the invented herd into a database that holds other data. */
  intoExisting: boolean;
  say: (line: string) => void;
}

/** The herd's year and the crops that the archive must at least hold. */
const YEAR = { start_date: '2023-09-01', end_date: '2024-08-31' };
const CROPS = 500;

/** The running service, or one that is started for the demo. */
async function findService(out: string, say: DemoOptions['say']): Promise<{ url: string; own: Service | undefined }> {
  const folder = dataFolder(process.env);
  let owner = await livingOwner(folder);
  if (owner?.role === 'service' && owner.state === 'starting') {
    const claimed = await claim({ folder, role: 'brief', timeout: 120_000, say });
    if (claimed.kind === 'owner') await claimed.ownership.release();
    owner = claimed.kind === 'joined' ? claimed.record : undefined;
  }
  const running = owner?.environment.HOOFPRINT_URL;
  if (owner?.role === 'service' && running !== undefined) {
    say(`using the service that is already running at ${running}`);
    // Its stack is ready before its HTTP server is.
    for (let tries = 0; tries < 300 && !(await isUp(running)); tries += 1) await pause(100);
    return { url: running, own: undefined };
  }
  say('starting the service (embedded PostgreSQL, Valkey, SQS, S3) ...');
  const [httpPort = 0, lambdaPort = 0] = await freePorts(2);
  const own = await startService({ httpPort, lambdaPort, logFile: join(out, 'service.log') });
  return { url: own.url, own };
}

async function isEmpty(database: Database): Promise<boolean> {
  const [row] = await database.read(({ rows }) =>
    rows<{ some: boolean }>('SELECT EXISTS (SELECT FROM images) OR EXISTS (SELECT FROM deer) AS some'),
  );
  return row?.some !== true;
}

/** Invented data never enter a database that holds other data, unless that is asked for. */
async function ensureHerd(stack: Stack, database: Database, options: DemoOptions): Promise<void> {
  if (stack.embeddedDatabase) await migrate(database);
  if ((await herdPresent(database)) !== undefined) return;
  if (!options.intoExisting && !(await isEmpty(database))) {
    throw new Fault(
      'conflict',
      'the database holds other data, and the demo herd is invented. To add it anyway: npm run demo -- --into-existing',
    );
  }
  options.say('loading the demo herd (invented data) ...');
  await loadHerd({ copy: stack.copy, rows: (sql, params) => database.write((queries) => queries.rows(sql, params)) });
}

/** The shortest run of days from the start of the rut with enough detections for the archive. */
async function cropPeriod(database: Database): Promise<{ start_date: string; end_date: string }> {
  const start_date = '2023-11-01';
  const days = await database.read(({ rows }) =>
    rows<{ day: string; n: number }>(
      `SELECT to_char(i.timestamp AT TIME ZONE $2, 'YYYY-MM-DD') AS day, count(*) AS n
       FROM detections d JOIN images i ON i.id = d.image_id
       WHERE i.timestamp >= ($1::date)::timestamp AT TIME ZONE $2 AND ${isAccepted('d')}
       GROUP BY 1 ORDER BY 1`,
      [start_date, process.env.TIME_ZONE || 'UTC'],
    ),
  );
  let sum = 0;
  const last = days.find(({ n }) => {
    sum += n;
    return sum >= CROPS * 1.05;
  });
  if (last === undefined)
    throw new Fault(
      'conflict',
      'the herd has too few detections for the demo archive. Type: npm run demo -- --remove, then npm run demo',
    );
  return { start_date, end_date: last.day };
}

const size = (path: string): string => {
  const { size: bytes } = statSync(path);
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
};

/** Runs the demo. @throws Fault that says what to do. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { out, say } = options;
  const began = Date.now();
  mkdirSync(out, { recursive: true });
  const { url, own } = await findService(out, say);
  // From here on this process logs, between its own lines.
  process.env.LOG_LEVEL ??= 'warn';
  try {
    const stack = await openStack({ role: 'brief', say });
    const database = postgres({ url: stack.environment.DATABASE_URL!, queryTimeout: 60_000 });
    try {
      await ensureHerd(stack, database, options);
      const period = await cropPeriod(database);
      const service = { url, token: stack.environment.MACHINE_TOKEN };
      const pdf = await followExport(
        service,
        'pdf',
        { ...YEAR, group_by: 'month', title: 'Demo herd: one year' },
        progressBar('PDF  one year by month '),
      );
      const report = await download(service, pdf.status, out, 'demo-report.pdf');
      const zip = await followExport(
        service,
        'zip',
        { ...period, group_by: 'week', include_crops: true },
        progressBar('ZIP  crops of the rut   '),
      );
      const archive = await download(service, zip.status, out, 'demo-archive.zip');
      say('');
      say(`report   ${report}  ${size(report)}  completed ${Math.round(pdf.milliseconds)} ms after the request`);
      say(
        `archive  ${archive}  ${size(archive)}  ${period.start_date} to ${period.end_date}, completed ${(zip.milliseconds / 1000).toFixed(1)} s after the request`,
      );
      const reid = await callReid(stack.environment, [
        { name: 'reidScores', input: { output: join(out, 'reid_scores.html') } },
        { name: 'reidThresholds', input: { output: join(out, 'reid_thresholds.html') } },
        { name: 'reidPlot', input: { output: join(out, 'reid_analysis.html') } },
      ]);
      for (const page of reid) say(`re-id    ${page.report}  ${size(page.report!)}`);
      say(`re-id    ${reid[1]!.recommendation.reason}`);
      say(
        `done in ${((Date.now() - began) / 1000).toFixed(1)} s. The herd is invented data. To look at it: npm start, then open http://localhost:${process.env.HOOFPRINT_HTTP_PORT || 8001}/ in a browser`,
      );
    } finally {
      await database.close();
      await stack.close();
    }
  } finally {
    await own?.stop();
  }
}

/** Removes the invented herd. */
export async function removeDemo(say: DemoOptions['say']): Promise<void> {
  const stack = await openStack({ role: 'brief', herd: false, say });
  const database = postgres({ url: stack.environment.DATABASE_URL!, queryTimeout: 60_000 });
  try {
    const removed = await removeHerd(database);
    say(removed > 0 ? `the demo herd is removed (${removed} detections)` : 'there is no demo herd here');
  } finally {
    await database.close();
    await stack.close();
  }
}
