// Checks whose answer depends on the contents of some files alone: one that was passed is not made
// again until one of them changes. It is remembered next to the installed packages.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../localstack/stack/folder.ts';

const PASSED = join(PROJECT, 'node_modules/.cache/hoofprint/passed');

/**
 * @param files everything that the check reads; the installed packages belong to them
 * @throws what the check throws
 */
export async function checkedOnce(files: readonly string[], check: () => Promise<unknown>): Promise<void> {
  const digest = createHash('sha256');
  for (const file of [...files, 'package-lock.json']) digest.update(readFileSync(join(PROJECT, file))).update('\0');
  const passed = join(PASSED, digest.digest('hex'));
  if (existsSync(passed) && process.env.HOOFPRINT_SOAK !== '1') return;
  await check();
  mkdirSync(PASSED, { recursive: true });
  writeFileSync(passed, '');
}
