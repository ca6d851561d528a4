// A strict reader of Prometheus' text format 0.0.4: whatever a lenient one would let pass is an
// Error. https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format

export interface Family {
  type: string;
  help: string;
  /** By name and labels as they are written. */
  samples: Map<string, { name: string; labels: Map<string, string>; value: number }>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
/** In a text only these may be escaped. */
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;

function readLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const [whole, name, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`no labels: ${text}`);
    if (labels.has(name!)) throw new Error(`${name} twice: ${text}`);
    labels.set(
      name!,
      value!.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    );
    rest = rest.slice(whole.length);
    if (whole.endsWith(',') && rest === '') throw new Error(`a comma at the end: ${text}`);
  }
  return labels;
}

function readValue(text: string): number {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`no value: ${text}`);
  return Number(text);
}

/** Buckets rise, end with +Inf, and agree with the count; what is never below 0 has such a sum. */
function checkHistogram(name: string, { samples }: Family): void {
  const series = new Map<string, { le: number; value: number }[]>();
  const others = new Map<string, number>();
  for (const { name: full, labels, value } of samples.values()) {
    const own = JSON.stringify([...labels].filter(([label]) => label !== 'le').sort());
    if (full === `${name}_bucket`) {
      const le = labels.get('le');
      if (le === undefined) throw new Error(`a bucket without le: ${name}`);
      series.set(own, [...(series.get(own) ?? []), { le: readValue(le), value }]);
    } else if (full === `${name}_sum` || full === `${name}_count`) others.set(`${full}${own}`, value);
    else throw new Error(`no part of a histogram: ${full}`);
  }
  if (others.size !== 2 * series.size) throw new Error(`${name}: each series has one sum and one count`);
  for (const [own, buckets] of series) {
    const last = buckets.at(-1)!;
    if (last.le !== Number.POSITIVE_INFINITY) throw new Error(`${name}: the last bucket is not +Inf`);
    for (const [at, { le, value }] of buckets.entries()) {
      const before = buckets[at - 1];
      if (before !== undefined && (before.le >= le || before.value > value)) throw new Error(`${name}: buckets fall`);
    }
    const [count, sum] = [others.get(`${name}_count${own}`), others.get(`${name}_sum${own}`)];
    if (count !== last.value) throw new Error(`${name}: the count is not that of the last bucket`);
    const least = buckets.reduce(
      (total, { value }, at) => total + (value - (buckets[at - 1]?.value ?? 0)) * (buckets[at - 1]?.le ?? 0),
      0,
    );
    if (sum === undefined || sum < least - 1e-6 || (count === 0) !== (sum === 0))
      throw new Error(`${name}: a sum that cannot be`);
  }
}

export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  let current: string | undefined;
  let help: [name: string, text: string] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, words] = HELP.exec(line) ?? [];
    const [, typed, type] = TYPE.exec(line) ?? [];
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (helped !== undefined) {
      if (!/^(?:[^\\]|\\[\\n])*$/.test(words!)) throw new Error(`a wrong escape: ${line}`);
      help = [helped, words!];
    } else if (typed !== undefined) {
      if (help?.[0] !== typed) throw new Error(`TYPE without its HELP before: ${line}`);
      if (families.has(typed)) throw new Error(`${typed} twice`);
      current = typed;
      families.set(typed, { type: type!, help: help[1], samples: new Map() });
    } else if (name !== undefined && !line.startsWith('#')) {
      const family = families.get(current ?? '');
      const isOwn = name === current || (family?.type === 'histogram' && name.startsWith(`${current}_`));
      if (family === undefined || !isOwn) throw new Error(`a sample outside of its family: ${line}`);
      const key = `${name}{${labels}}`;
      if (family.samples.has(key)) throw new Error(`a sample twice: ${line}`);
      family.samples.set(key, { name, labels: readLabels(labels), value: readValue(value!) });
    } else throw new Error(`no line of this format: ${line}`);
  }
  for (const [name, family] of families) {
    if (family.samples.size === 0) throw new Error(`${name} has no sample`);
    if (family.type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} is a counter without _total`);
    if (family.type === 'histogram') checkHistogram(name, family);
  }
  return families;
}

/** What may only rise. */
export const counters = (families: ReadonlyMap<string, Family>): Map<string, number> =>
  new Map(
    [...families.values()]
      .filter(({ type }) => type !== 'gauge')
      .flatMap(({ samples }) => [...samples].map(([key, { value }]): [string, number] => [key, value])),
  );
