// What people start is what tests and benches start and measure.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { HOST_COMMAND } from '../../localstack/host/service.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { FEW_ARENAS } from '../../localstack/stack/memory-flags.ts';

test('npm start has the flags and the environment of startService', () => {
  const { scripts } = JSON.parse(readFileSync(`${PROJECT}/package.json`, 'utf8')) as { scripts: { start: string } };
  const [, ...args] = HOST_COMMAND;
  const flags = args.slice(0, -1);
  const assigned = Object.entries(FEW_ARENAS).map(([name, value]) => `${name}=${value}`);
  expect(scripts.start.split(' ')).toEqual([...assigned, 'exec', 'node', ...flags, relative(PROJECT, args.at(-1)!)]);
});
