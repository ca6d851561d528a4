// Jest reporter: after a run with faults in it, the table of what was tried and survived; as JSON
// in out/faults.json, and after a soak in docs/soak.md.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AggregatedResult } from '@jest/reporters';
import { type Entry, FAULTS, type Fault, type FaultName } from './rows.ts';

interface Line {
  fault: string;
  engine: string;
  tries: number;
  survived: number;
  worst_ms?: number;
  note?: string;
}

function describe({ fault, engine, tries, survived, worst_ms, note }: Line): string {
  if (tries === 0) return `${fault} | - | not run | - | ${note}`;
  const worst = [worst_ms === undefined ? '' : `${(worst_ms / 1000).toFixed(2)} s`, note ? `(${note})` : ''];
  return [fault, engine, tries, survived, worst.filter(Boolean).join(' ')].join(' | ');
}

const PAGE = 'docs/soak.md';
const PART = /(<!-- last run:[^\n]*-->\n)[\s\S]*?(<!-- to here -->)/;

/** Replaces the last run on the page of soak results. */
function writePage(lines: readonly Line[], results: AggregatedResult): void {
  const minutes = ((Date.now() - results.startTime) / 60_000).toFixed(0);
  const { numPassedTests: passed, numTotalTests: all } = results;
  const row = ({ fault, engine, tries, survived, worst_ms, note }: Line): string => {
    const worst = worst_ms === undefined ? '' : `${(worst_ms / 1_000).toFixed(2)} s`;
    const tried = tries === 0 ? 'not run' : `${tries}, ${survived}`;
    return `| ${[fault, engine, tried, [worst, note && `(${note})`].filter(Boolean).join(' ')].join(' | ')} |`;
  };
  const part = [
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}:`,
    `${passed} of ${all} tests passed in ${minutes} min.`,
    '',
    '| fault | engine | tries, survived | worst time |',
    '|---|---|---|---|',
    ...lines.map(row),
    '',
  ].join('\n');
  writeFileSync(
    PAGE,
    readFileSync(PAGE, 'utf8').replace(PART, (_, begin: string, end: string) => begin + part + end),
  );
}

export default class FaultTable {
  private readonly book = mkdtempSync(join(tmpdir(), 'hoofprint-faults-'));

  constructor() {
    // Workers inherit it.
    process.env.HOOFPRINT_FAULTS_BOOK = this.book;
  }

  onRunComplete(_contexts: unknown, results: AggregatedResult): void {
    const entries = readdirSync(this.book)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(this.book, file), 'utf8')) as Entry);
    rmSync(this.book, { recursive: true });
    if (entries.length === 0) return;
    const lines = (Object.keys(FAULTS) as FaultName[]).flatMap((name) => this.collectLines(name, entries, results));
    const shown = process.env.HOOFPRINT_SOAK === '1' ? lines : lines.filter(({ tries }) => tries > 0);
    const text = ['fault | engine | tries | survived | worst', ...shown.map(describe)];
    if (process.env.HOOFPRINT_SOAK === '1') writePage(lines, results);
    if (shown.length < lines.length) text.push(`${lines.length - shown.length} more in npm run test:soak`);
    process.stdout.write(`\n${text.join('\n')}\n`);
    if (!existsSync('out')) mkdirSync('out');
    writeFileSync(
      'out/faults.json',
      `${JSON.stringify({ at: new Date().toISOString(), soak: process.env.HOOFPRINT_SOAK === '1', lines }, undefined, 2)}\n`,
    );
  }

  private collectLines(name: FaultName, entries: Entry[], results: AggregatedResult): Line[] {
    const { fault, elsewhere = [] }: Fault = FAULTS[name];
    const own = new Map<string, Line>();
    for (const entry of entries.filter((tried) => tried.fault === name)) {
      const line = own.get(entry.engine);
      if (line === undefined) own.set(entry.engine, { ...entry, fault });
      else {
        line.tries += entry.tries;
        line.survived += entry.survived;
        if (entry.worst_ms !== undefined) line.worst_ms = Math.max(line.worst_ms ?? 0, entry.worst_ms);
        line.note = [...new Set([line.note, entry.note].filter(Boolean))].join('; ');
      }
    }
    const others = elsewhere.flatMap(({ file, title, tries = 1 }) => {
      const path = `test/${file}.test.ts`;
      const tests = results.testResults
        .filter(({ testFilePath }) => testFilePath.endsWith(path))
        .flatMap(({ testResults }) => testResults.filter((result) => result.title.startsWith(title)));
      if (tests.length === 0) return [];
      const passed = tests.filter(({ status }) => status === 'passed');
      return [{ fault, engine: 'embedded', tries: tries * tests.length, survived: tries * passed.length, note: path }];
    });
    const lines = [...own.values(), ...others];
    if (lines.length > 0) return lines;
    const reason =
      elsewhere.length > 0
        ? `it is in test/${elsewhere[0]!.file}.test.ts, which was not part of this run`
        : 'only npm run test:soak runs it, or its test was not reached';
    return [{ fault, engine: '-', tries: 0, survived: 0, note: reason }];
  }
}
