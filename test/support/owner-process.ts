// A process that opens a stack as a person's command would, and tells its parent over IPC what came
// of it. Ends on SIGTERM.
import { openStack } from '../../localstack/stack/index.ts';

const { folder, role } = JSON.parse(process.argv[2] ?? '{}') as { folder: string; role: 'service' | 'brief' };
const tell = (message: object): Promise<void> =>
  new Promise((resolve) =>
    process.connected ? process.send?.(message, undefined, undefined, () => resolve()) : resolve(),
  );

try {
  const stack = await openStack({
    dataDir: folder,
    role,
    herd: false,
    freePorts: true,
    patience: 60_000,
    say: (line) => void tell({ kind: 'said', line }),
  });
  process.on('SIGTERM', async () => {
    await stack.close();
    await tell({ kind: 'closed' });
    process.exit(0);
  });
  await tell({ kind: 'open', joined: stack.joined, environment: stack.environment, engines: stack.engines() });
} catch (error) {
  await tell({ kind: 'refused', reason: (error as Error).message });
  process.exit(1);
}
