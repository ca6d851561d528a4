// What a value from outside must be; features write contracts, the edge (lib/lambda) holds values
// to them.
import type { Problem } from './errors.ts';

/**
 * A broken rule. Problems are listed in ascending `order`; those of a schema have 0 unless the
 * property is annotated with another.
 */
export interface Broken extends Problem {
  order: number;
}

/**
 * A JSON schema (the annotation `expected` says the form of a field in words) and rules across
 * fields.
 */
export interface Contract<Value, Circumstances = void> {
  schema: object;
  /**
   * What of `rules` a JSON schema can say (if/then, anyOf ...), for the documentation only: `rules`
   * has the words. It may take an optional null for a value that is absent.
   */
  acrossFields?: object;
  /**
   * Called with any JSON object, even one that breaks the schema; reports only what it can judge.
   */
  rules?: (value: Record<string, unknown>, circumstances: Circumstances) => Broken[];
  /** Carries the type; never set. */
  value?: Value;
}

/** How contracts are compiled, here and for the page. */
export const AJV_OPTIONS = {
  allErrors: true,
  strict: true,
  verbose: true,
  coerceTypes: false,
  useDefaults: true,
  ownProperties: true,
} as const;
/** Annotations of schemas that are not words of JSON Schema. */
export const VOCABULARY = ['expected', 'order'];
