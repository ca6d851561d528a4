// `sls invoke local` as a person types it: one JSON document on stdout, everything else on stderr.
// The first time on a separate stack, which loads the whole demo herd, then on the suite's
// services.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoofprint-invoke-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Embedded engines on free ports; where the names of services are kept, none is started. */
function environment(kept: RegExp): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name))),
    HOOFPRINT_DATA: join(folder, 'data'),
    HOOFPRINT_PORTS: 'free',
  } as NodeJS.ProcessEnv;
}
const OWN = /^(PATH|HOME|TMPDIR|LANG|HOOFPRINT_ENGINES|NODE_COMPILE_CACHE)$/;
const OUTSIDE =
  /^(PATH|HOME|TMPDIR|LANG|NODE_COMPILE_CACHE|DATABASE_URL|REDIS_URL|REDIS_KEY_PREFIX|AWS_.*|EXPORTS_.*|IMAGE_.*|S3_PUBLIC_ENDPOINT)$/;

const invoked = (
  kept: RegExp,
  name: string,
  data?: object,
): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const input = data === undefined ? [] : ['--data', JSON.stringify(data)];
    const args = [join(root, 'node_modules/serverless/bin/serverless.js'), 'invoke', 'local', '-f', name, ...input];
    const options = { cwd: root, env: environment(kept), maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, stdout, stderr }),
    );
    // Without --data it is read from there.
    child.stdin!.end();
  });

test('reidThresholds answers the question that started this, as the documents type it: without --data serverless passes an empty text', async () => {
  const { code, stdout, stderr } = await invoked(OWN, 'reidThresholds');
  expect([code, code === 0 ? '' : stderr.slice(-2_000)]).toEqual([0, '']);
  const report = JSON.parse(stdout);
  expect(report.threshold_analysis.map(({ threshold }: { threshold: number }) => threshold)).toEqual([
    0.7, 0.65, 0.6, 0.55,
  ]);
  // The whole herd, but for what is invalid or a duplicate.
  expect(report.total_detections).toBeGreaterThan(11_000);
  expect(report.total_detections).toBeLessThan(11_570);
  expect(report.threshold_analysis[0].assignment_rate).toBeGreaterThan(0.09);
  expect(report.threshold_analysis[0].assignment_rate).toBeLessThan(0.1);
  const { threshold, fpir_upper: upper, improvement } = report.recommendation;
  expect([threshold > 0.5 && threshold < 0.65, upper < 0.05, improvement.relative > 1]).toEqual([true, true, true]);
  expect(stderr).toContain('analyzing thresholds');
  expect(stderr).toContain('invented data');
  // A clean end: the function's connections are closed before the engines stop.
  expect(stderr).not.toMatch(/"level":"(warn|error)"|connection lost/);
}, 180_000);

test('what is wrong with the input is said by name', async () => {
  const refused = await invoked(OUTSIDE, 'reidThresholds', { thresholds: [0.7, 'x'] });
  expect(refused.code).toBe(1);
  expect(refused.stdout + refused.stderr).toContain('thresholds[1] must be a number from -1 to 1');
}, 60_000);
