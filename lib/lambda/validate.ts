// The edge's one AJV: contracts are compiled here.
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { AJV_OPTIONS, type Contract, VOCABULARY } from '../contract.ts';
import type { Problem } from '../errors.ts';
import { findProblems } from '../problems.ts';

const ajv = new Ajv(AJV_OPTIONS);
addFormats.default(ajv, { mode: 'full' });
ajv.addVocabulary(VOCABULARY);

/**
 * Compiles a contract (on first use) into a function that lists the problems of a value
 * (lib/problems.ts), which it changes.
 */
export function problemFinder<Value, Circumstances>(
  contract: Contract<Value, Circumstances>,
): (value: unknown, circumstances: Circumstances) => Problem[] {
  let compiled: ValidateFunction | undefined;
  return (value, circumstances) => {
    compiled ??= ajv.compile(contract.schema);
    return findProblems(compiled, contract, value, circumstances);
  };
}
