// The contracts of the service as code, for the bundle of the page.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import type { Plugin } from 'esbuild';
import { AJV_OPTIONS, VOCABULARY } from '../../lib/contract.ts';
import { CONTRACTS } from '../../lib/exports/kinds/index.ts';

/** Contracts as compiled code: a page that may not evaluate text cannot compile them. */
function compileContracts(): string {
  const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true } });
  addFormats.default(ajv, { mode: 'full' });
  ajv.addVocabulary(VOCABULARY);
  const kinds = Object.keys(CONTRACTS);
  for (const [kind, { schema }] of Object.entries(CONTRACTS)) ajv.addSchema(schema, kind);
  const code = standalone.default(ajv, Object.fromEntries(kinds.map((kind) => [kind, kind])));
  const schemas = Object.fromEntries(Object.entries(CONTRACTS).map(([kind, { schema }]) => [kind, schema]));
  return `${code}\nexport const schemas = ${JSON.stringify(schemas)};\n`;
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
