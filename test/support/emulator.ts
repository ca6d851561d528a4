// The functions in the emulator of the Serverless Framework.
import { join } from 'node:path';
import { PROJECT } from '../../localstack/stack/folder.ts';

export const EMULATOR_COMMAND = [
  process.execPath,
  join(PROJECT, 'node_modules/serverless/bin/serverless.js'),
  'offline',
] as const;
