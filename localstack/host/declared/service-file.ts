// serverless.yml as the host reads it: what it says of functions stays the one place that says it.
// Serverless itself takes seconds to load, so only the variables that the file uses are resolved
// here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Fault } from '../../../lib/errors.ts';
import type { Service } from './functions.ts';

const VARIABLE = /\$\{([^{}]*)\}/g;
const FROM_ENVIRONMENT = /^env:\s*([A-Z0-9_]+)\s*(?:,\s*'([^']*)'\s*)?$/;

/**
 * @throws Fault `invalid` for a variable of another kind, or one that is unset without a default
 */
function resolveText(text: string, env: NodeJS.ProcessEnv): string {
  return text.replace(VARIABLE, (whole, inner: string) => {
    const [, name = '', fallback] = FROM_ENVIRONMENT.exec(inner) ?? [];
    const value = name === '' ? undefined : (env[name] ?? fallback);
    if (value === undefined)
      throw new Fault('invalid', `serverless.yml: ${whole} cannot be resolved; the host knows \${env:NAME, 'default'}`);
    return value;
  });
}

function resolve(value: unknown, env: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') return resolveText(value, env);
  if (Array.isArray(value)) return value.map((item) => resolve(item, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, env)]));
}

const customTags = [
  { tag: '!GetAtt', resolve: (text: string) => ({ 'Fn::GetAtt': text.split('.') }) },
  { tag: '!Ref', resolve: (text: string) => ({ Ref: text }) },
];

/**
 * The service as `serverless print` shows it.
 * @param folder that holds serverless.yml
 * @throws Fault `invalid` saying what cannot be resolved
 */
export function readServiceFile(folder: string, env: NodeJS.ProcessEnv): Service {
  const text = readFileSync(join(folder, 'serverless.yml'), 'utf8');
  return resolve(parse(text, { customTags }), env) as Service;
}
