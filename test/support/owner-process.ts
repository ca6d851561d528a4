// A process that opens a stack as a person's command would, and reports to its parent over IPC what
// came of it. Ends on SIGTERM.
import { openStack } from '../../localstack/stack/index.ts';

const { folder, role } = JSON.parse(process.argv[2] ?? '{}') as { folder: string; role: 'service' | 'brief' };
const report = (message: object): Promise<void> =>
  new Promise((resolve) =>
    process.connected ? process.send?.(message, undefined, undefined, () => resolve()) : resolve(),
  );

try {
  const stack = await openStack({
    dataDir: folder,
    role,
    herd: false,
    freePorts: true,
    timeout: 60_000,
    say: (line) => void report({ kind: 'said', line }),
  });
  process.on('SIGTERM', async () => {
    await stack.close();
    await report({ kind: 'closed' });
    process.exit(0);
  });
  await report({ kind: 'open', joined: stack.joined, environment: stack.environment, engines: stack.engines() });
} catch (error) {
  await report({ kind: 'refused', reason: (error as Error).message });
  process.exit(1);
}
