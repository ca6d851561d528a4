// Calls Re-ID functions as the platform does, on a stack that is up: for a terminal and for the
// demo.
import type { Context } from 'aws-lambda';
import type { ReidFunction } from './arguments.ts';
import type { ReidReport } from './report.ts';

/**
 * Calls the functions in order; files may be written below the working directory. Once per process
 * and stack, because the configuration is read on first use and kept.
 * @throws as the functions do
 */
export async function callReid(
  environment: Record<string, string>,
  calls: readonly { name: ReidFunction; input: object }[],
): Promise<ReidReport[]> {
  Object.assign(process.env, { OUTPUT_ROOT: process.cwd() }, environment);
  // Only now: the modules read the environment when they are imported.
  const { database } = await import('../../lib/clients.ts');
  const reports: ReidReport[] = [];
  try {
    for (const { name, input } of calls) {
      const { handler } = (await import(`../../handlers/${name}.ts`)) as {
        handler: (input: object, context: Context) => Promise<ReidReport>;
      };
      reports.push(await handler(input, {} as Context));
    }
    return reports;
  } finally {
    await database().close();
  }
}
