// The contracts of the service as code, and the facts of its kinds of job, for the bundle of the
// page.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import type { Plugin } from 'esbuild';
import { AJV_OPTIONS, VOCABULARY } from '../../lib/contract.ts';
import { CONTRACTS, KINDS } from '../../lib/exports/kinds/index.ts';
import type { KindFacts } from '../../lib/exports/shared/kind.ts';

/** Contracts as compiled code: a page that may not evaluate text cannot compile them. */
function compileContracts(): string {
  const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true } });
  addFormats.default(ajv, { mode: 'full' });
  ajv.addVocabulary(VOCABULARY);
  const facts: readonly (KindFacts & { kind: keyof typeof CONTRACTS })[] = KINDS;
  // What is asked for by an analysis has no form.
  const kinds = facts.filter(({ asks }) => asks === undefined).map(({ kind }) => kind);
  for (const kind of kinds) ajv.addSchema(CONTRACTS[kind].schema, kind);
  const code = standalone.default(ajv, Object.fromEntries(kinds.map((kind) => [kind, kind])));
  const schemas = Object.fromEntries(kinds.map((kind) => [kind, CONTRACTS[kind].schema]));
  const jobKinds = facts.map(({ kind, path, scope, usesUp }) => ({ kind, path, scope, usesUp }));
  return [
    ...[code, `export const schemas = ${JSON.stringify(schemas)};`],
    ...[`export const jobKinds = ${JSON.stringify(jobKinds)};`, ''],
  ].join('\n');
}

export const compiledContracts: Plugin = {
  name: 'compiled contracts',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^compiled-contracts$/ }, ({ path }) => ({ path, namespace: 'contracts' }));
    onLoad({ filter: /.*/, namespace: 'contracts' }, () => ({
      contents: compileContracts(),
      resolveDir: dirname(createRequire(import.meta.url).resolve('ajv/package.json')),
    }));
  },
};
