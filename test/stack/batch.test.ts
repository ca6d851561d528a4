// AWS's rules of a queue behind a function: what a response leaves undone, how batches are handed
// over, which functions there are.

import { queueFunctions, type Service } from '../../localstack/host/declared/functions.ts';
import { groupBySize, judge, retryDelay } from '../../localstack/host/queues/batch.ts';

describe('what a response leaves undone', () => {
  const ids = ['a', 'b', 'c'];
  const reported = (value: unknown) => [
    ...judge({ text: typeof value === 'string' ? value : JSON.stringify(value) }, ids, true).failed,
  ];
  test.each([
    ['an empty list', { batchItemFailures: [] }, []],
    ['a null list', { batchItemFailures: null }, []],
    ['an empty response', {}, []],
    ['a null response', null, []],
    ['nothing', '', []],
    ['one id', { batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
    ['two ids', { batchItemFailures: [{ itemIdentifier: 'c' }, { itemIdentifier: 'a' }] }, ['c', 'a']],
    ['invalid JSON', '{"batchItem', ids],
    ['a list for a response', [], ids],
    ['a string for a response', '"done"', ids],
    ['failures that are no list', { batchItemFailures: 'b' }, ids],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }, ids],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }, ids],
    ['a misnamed key', { batchItemFailures: [{ id: 'b' }] }, ids],
    ['a null entry', { batchItemFailures: [null] }, ids],
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'z' }] }, ids],
  ])('%s', (_name, response, failed) => {
    expect(reported(response)).toEqual(failed);
  });

  test('an error fails all; without ReportBatchItemFailures the content does not matter', () => {
    expect([...judge({ error: 'thrown' }, ids, true).failed]).toEqual(ids);
    expect([...judge({ error: 'thrown' }, ids, false).failed]).toEqual(ids);
    expect([...judge({ text: '{"batchItemFailures":[{"itemIdentifier":"b"}]}' }, ids, false).failed]).toEqual([]);
  });

  test('a batch of large messages is handed over in parts, in order; one that is too large alone goes alone', () => {
    const sized = (...sizes: number[]) => sizes.map((size) => ({ Body: 'x'.repeat(size - 2) }));
    const parts = (...sizes: number[]) =>
      groupBySize(sized(...sizes), 100).map((part) => part.map(({ Body }) => Body!.length + 2));
    expect([parts(50, 50, 50), parts(200, 10), parts(10, 200, 10), parts(100), parts()]).toEqual([
      [[50, 50], [50]],
      [[200], [10]],
      [[10], [200], [10]],
      [[100]],
      [],
    ]);
    // What counts is the length as JSON.
    expect(groupBySize([{ Body: '"'.repeat(60) }, { Body: 'x' }], 100)).toHaveLength(2);
  });

  test('retries wait 1, 2, 4, 8, 8 seconds', () => {
    expect([1, 2, 3, 4, 5, 9].map(retryDelay)).toEqual([1, 2, 4, 8, 8, 8]);
  });
});

test('the functions and their queues are read from the resolved service', () => {
  const service: Service = {
    service: 'shop',
    provider: { timeout: 9, stage: 'test' },
    functions: {
      work: {
        timeout: 30,
        events: [
          {
            sqs: {
              arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              batchSize: 1,
              functionResponseType: 'ReportBatchItemFailures',
              maximumConcurrency: 3,
            },
          },
        ],
      },
      plain: { name: 'other-name', events: [{ sqs: 'arn:aws:sqs:us-east-1:000000000000:second' }] },
      off: { events: [{ sqs: { arn: 'arn:aws:sqs:us-east-1:000000000000:third', enabled: false } }] },
      web: { events: [{}] },
    },
    resources: { Resources: { Queue: { Properties: { QueueName: 'first' } } } },
  };
  expect(queueFunctions(service)).toEqual([
    {
      functionName: 'shop-test-work',
      queue: 'first',
      batchSize: 1,
      reportsFailures: true,
      concurrency: 3,
      timeout: 30,
    },
    { functionName: 'other-name', queue: 'second', batchSize: 10, reportsFailures: false, concurrency: 2, timeout: 9 },
  ]);
  service.functions!.work!.events![0]!.sqs = { arn: { 'Fn::GetAtt': ['Missing', 'Arn'] } };
  expect(() => queueFunctions(service)).toThrow(/the queue of work must be/);
});
