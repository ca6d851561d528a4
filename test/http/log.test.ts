// LOG_LEVEL holds from the first line on, for every writer.
test('LOG_LEVEL holds for the event source and the gateway, which make no wiring', async () => {
  process.env.LOG_LEVEL = 'error';
  const { log } = await import('../../lib/log.ts');
  const written: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((line: string) => written.push(line) > 0) as typeof write;
  try {
    log.info('request');
    log.warn('event source waits');
    log.error('engine ended');
  } finally {
    process.stderr.write = write;
  }
  expect(written.map((line) => JSON.parse(line).event)).toEqual(['engine ended']);
});
