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

test('no character of a log line steers a terminal, and the line says the same', async () => {
  const { log } = await import('../../lib/log.ts');
  const evil = 'a\u001b[2J\u007f\u009b31m\u202eb\u2028\n';
  const written: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((line: string) => written.push(line) > 0) as typeof write;
  try {
    log.error('request', { reason: evil });
  } finally {
    process.stderr.write = write;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(written.join('').trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
  expect(JSON.parse(written.join(''))).toMatchObject({ reason: evil });
});

test('nor one of an answer, which curl prints', async () => {
  const { http } = await import('../../lib/lambda/http.ts');
  const { Fault } = await import('../../lib/errors.ts');
  const detail = 'Unknown class "\u009b31m"; known: \u202edoe';
  const handler = http({}, () => {
    throw new Fault('invalid', detail);
  });
  const { body } = await handler({} as never, {} as never);
  expect(body).not.toMatch(/[\u007f-\u009f\u202e]/);
  expect(JSON.parse(String(body))).toEqual({ detail });
});
