// The text format of figures, and its strict reader.
import { histogram, measureRequest, processFamilies, requestFamilies, writeMetrics } from '../../lib/metrics.ts';
import { readExposition } from '../support/exposition.ts';

test('labels and help of any text are read as they were', () => {
  const odd = 'a "quote", a \\ and\na line {}=,';
  const families = readExposition(
    writeMetrics([{ name: 'odd_total', type: 'counter', help: odd, samples: [{ labels: { odd, b: '' }, value: 1 }] }]),
  );
  const { help, samples } = families.get('odd_total')!;
  expect(help.replace(/\\n/g, '\n').replace(/\\\\/g, '\\')).toBe(odd);
  expect([...samples.values()].map(({ labels }) => [...labels])).toEqual([
    [
      ['odd', odd],
      ['b', ''],
    ],
  ]);
});

test('a histogram: buckets add up', () => {
  const samples = histogram({ kind: 'pdf' }, [0.5, 1], [3, 0, 2], 12.5);
  const text = writeMetrics([{ name: 'wait_seconds', type: 'histogram', help: 'Waits.', samples }]);
  expect(text).toBe(`# HELP wait_seconds Waits.
# TYPE wait_seconds histogram
wait_seconds_bucket{kind="pdf",le="0.5"} 3
wait_seconds_bucket{kind="pdf",le="1"} 3
wait_seconds_bucket{kind="pdf",le="+Inf"} 5
wait_seconds_sum{kind="pdf"} 12.5
wait_seconds_count{kind="pdf"} 5
`);
  readExposition(text);
});

test('requests are measured by route, method and code; no label is what a client made up', () => {
  const route = 'GET /api/exports/pdf/{job_id}';
  for (const ms of [1, 5, 5.1, 40_000]) measureRequest({ route, method: 'GET', status: 200, ms });
  measureRequest({ route: '$default', method: 'BREW', status: 404, ms: 1 });
  measureRequest({ route: '$default', method: 'STEEP', status: 404, ms: 1 });
  measureRequest({ route: undefined, method: undefined, status: 413, ms: 1 });
  measureRequest({ route, method: 'GET', status: 304, ms: 20_000, isHeld: true });
  const families = readExposition(writeMetrics([...requestFamilies(), ...processFamilies()]));
  const of = (name: string, key: string) => families.get(name)!.samples.get(key)?.value;
  const seen = '{route="/api/exports/pdf/{job_id}",method="GET",code="200"';
  expect(of('http_request_duration_seconds', `http_request_duration_seconds_bucket${seen},le="0.005"}`)).toBe(2);
  expect(of('http_request_duration_seconds', `http_request_duration_seconds_count${seen}}`)).toBe(4);
  const none = '{route="none",method="other",code="404"}';
  expect(of('http_request_duration_seconds', `http_request_duration_seconds_count${none}`)).toBe(2);
  expect(families.get('http_request_held_seconds')!.samples.size).toBe(15);
  expect(of('process_resident_memory_bytes', 'process_resident_memory_bytes{}')).toBeGreaterThan(1e7);
});

const head = '# HELP a_total A.\n# TYPE a_total counter\n';
const buckets = (...values: number[]): string =>
  `# HELP b B.\n# TYPE b histogram\nb_bucket{le="1"} ${values[0]}\nb_bucket{le="+Inf"} ${values[1]}\nb_sum ${values[2]}\nb_count ${values[3]}\n`;

test.each([
  ['no end of the last line', `${head}a_total 1`],
  ['no HELP', '# TYPE a_total counter\na_total 1\n'],
  ['no TYPE', 'a_total 1\n'],
  ['a type that is none', '# HELP a_total A.\n# TYPE a_total number\na_total 1\n'],
  ['no sample', head],
  ['a family twice', `${head}a_total 1\n${head}a_total 1\n`],
  ['a sample twice', `${head}a_total 1\na_total 2\n`],
  ['a sample of another family', `${head}b_total 1\n`],
  ['an escape that is none', `${head}a_total{b="\\x"} 1\n`],
  ['a quote that is open', `${head}a_total{b="} 1\n`],
  ['a label twice', `${head}a_total{b="1",b="2"} 1\n`],
  ['a comma at the end', `${head}a_total{b="1",} 1\n`],
  ['no number', `${head}a_total one\n`],
  ['an empty line', `${head}\na_total 1\n`],
  ['a counter without _total', '# HELP a A.\n# TYPE a counter\na 1\n'],
  ['buckets that fall', buckets(3, 2, 2, 2)],
  ['a count that is another', buckets(1, 2, 2, 3)],
  ['a sum that is too small', buckets(0, 2, 1, 2)],
  ['a sum of nothing', buckets(0, 0, 1, 0)],
  ['no +Inf', '# HELP b B.\n# TYPE b histogram\nb_bucket{le="1"} 1\nb_sum 1\nb_count 1\n'],
])('the reader refuses %s', (_, text) => {
  expect(() => readExposition(text)).toThrow();
});

test('the reader takes what is right', () => {
  readExposition(`${head}a_total{b="\\\\\\"\\n"} 1.5e+3\n${buckets(1, 2, 2.5, 2)}`);
});
