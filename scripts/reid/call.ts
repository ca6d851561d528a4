// One of the Re-ID functions called as the platform calls it, on a stack that is up: for a terminal
// and for the demo.
import type { Context } from 'aws-lambda';
import type { Report } from './report.ts';

export type ReidFunction = 'reidScores' | 'reidThresholds' | 'reidPlot';

/**
 * Files may be written below the folder that the person stands in. Once per process and stack: the
 * configuration is read on first use and kept.
 * @throws as the function does
 */
export async function callReid(
  environment: Record<string, string>,
  calls: readonly { name: ReidFunction; input: object }[],
): Promise<Report[]> {
  Object.assign(process.env, { OUTPUT_ROOT: process.cwd() }, environment);
  // Only now: what a handler imports must find the environment.
  const { database } = await import('../../lib/wiring.ts');
  const reports: Report[] = [];
  try {
    for (const { name, input } of calls) {
      const { handler } = (await import(`../../handlers/${name}.ts`)) as {
        handler: (input: object, context: Context) => Promise<Report>;
      };
      reports.push(await handler(input, {} as Context));
    }
    return reports;
  } finally {
    await database().close();
  }
}
