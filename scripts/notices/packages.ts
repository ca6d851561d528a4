// The packages of others that `serverless package` redistributes: what a bundle holds code of, what
// our generated files were made from, and what is packed next to a bundle.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { bundleFunctions, type EsbuildOptions } from '../../localstack/bundles/bundle.ts';
import { readContents } from '../../localstack/bundles/bundle-cache.ts';

export interface Package {
  name: string;
  version: string;
  license: string;
  /** Its folder below the project, such as `node_modules/ajv`. */
  folder: string;
}

interface Entry {
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Generated files with code or data of a package in them. */
const MADE_FROM: Readonly<Record<string, readonly string[]>> = {
  'lib/exports/pdf/layout/fonts.generated.ts': ['dejavu-fonts-ttf'],
  'lib/reid/pages/plotly.generated.ts': ['plotly.js-dist-min'],
  'lib/reid/kernel/kernel.generated.ts': ['assemblyscript'],
  'lib/adapters/crops/jpeg-part.generated.ts': ['assemblyscript'],
  'lib/adapters/reader/child.generated.ts': ['assemblyscript'],
  'lib/page/assets.generated.ts': [
    'preact',
    '@preact/signals',
    '@preact/signals-core',
    'ajv',
    'ajv-formats',
    'temporal-utils',
    'temporal-polyfill',
  ],
};

/** Packages whose built file, which is bundled, has code of others in it. */
const HOLDS: Readonly<Record<string, readonly string[]>> = { proj4: ['mgrs', 'wkt-parser'] };

/** Where functions run (serverless.yml: x86_64); other platforms are not packed. */
const isForeign = (name: string): boolean => name.startsWith('@img/sharp-') && !name.endsWith('-linux-x64');

/** A package that stays outside of the bundles, with all that it needs. */
function withNeeds(name: string, lock: Readonly<Record<string, Entry>>, found: Set<string>): void {
  const entry = lock[`node_modules/${name}`];
  if (entry === undefined || found.has(`node_modules/${name}`) || isForeign(name)) return;
  found.add(`node_modules/${name}`);
  for (const needed of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }))
    withNeeds(needed, lock, found);
}

/** @throws Error for a generated file that MADE_FROM does not know. */
export async function redistributed(): Promise<Package[]> {
  const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');
  const lock = (JSON.parse(read('package-lock.json')) as { packages: Record<string, Entry> }).packages;
  const { functions, custom } = parse(read('serverless.yml').replace(/!(GetAtt|Ref) /g, '')) as {
    functions: Record<string, { handler: string }>;
    custom: { esbuild: EsbuildOptions };
  };
  const handlers = Object.values(functions).map(({ handler }) => handler);
  const bundles = readContents(await bundleFunctions(handlers, custom.esbuild));
  const folders = new Set<string>();
  const inputs = Object.values(bundles).flatMap((output) => Object.entries(output.inputs));
  for (const [input, { bytesInOutput }] of inputs) {
    if (bytesInOutput === 0) continue;
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (folder !== undefined) folders.add(folder);
    for (const name of HOLDS[folder?.slice('node_modules/'.length) ?? ''] ?? []) folders.add(`node_modules/${name}`);
    if (!input.endsWith('.generated.ts')) continue;
    const made = MADE_FROM[input];
    if (made === undefined) throw new Error(`${dirname(input)}: MADE_FROM does not say what ${input} is made from`);
    for (const name of made) folders.add(`node_modules/${name}`);
  }
  for (const name of custom.esbuild.external ?? []) withNeeds(name, lock, folders);
  const packages = [...folders].sort().map((folder): [string, Package] => {
    const { version, license = 'no license named' } = lock[folder]!;
    const name = folder.replace(/^.*node_modules\//, '');
    return [`${name} ${version}`, { name, version, license, folder }];
  });
  // One package may be in several folders.
  return [...new Map(packages).values()];
}
