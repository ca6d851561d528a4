// The edge for functions that a person or a program invokes with a JSON input and waits for.
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Contract } from '../contract.ts';
import { errorMessage, Fault, isFault } from '../errors.ts';
import { log, logAbout } from '../log.ts';
import { problemFinder } from './validate.ts';

/** An error that the platform shows to the caller; its name is the kind of the fault. */
class Refusal extends Error {
  constructor(fault: Fault) {
    const message = fault.problems.length > 0 ? fault.problems.map(({ detail }) => detail).join('; ') : fault.message;
    super(message, { cause: fault.cause });
    this.name = fault.kind;
  }
}

/**
 * An invoked function: holds the input (an empty one is `{}`) to its contract and returns what
 * `act` returns. Errors are thrown on: a Fault in the words of all its problems, anything else as
 * it is. One log entry is written either way.
 */
export function invoke<Input, Output>(
  name: string,
  contract: Contract<Input>,
  act: (input: Input) => Promise<Output>,
): (event: unknown, context: Context) => Promise<Output> {
  const findProblems = problemFinder(contract);
  return middy<unknown, Output>(async (event: unknown, context: Context) => {
    const began = performance.now();
    const fields = () => ({ request_id: context?.awsRequestId, ms: Math.round(performance.now() - began) });
    try {
      // Without --data `serverless invoke local` passes an empty text.
      const input: unknown = structuredClone(event === '' ? {} : (event ?? {}));
      const problems = findProblems(input, undefined).map(({ pointer, detail }) => ({
        pointer,
        detail: detail.replace(/^Request body/, 'The input'),
      }));
      if (problems[0] !== undefined) throw new Fault('invalid', problems[0].detail, { problems });
      const result = await logAbout({ request_id: context?.awsRequestId }, () => act(input as Input));
      log.info(name, fields());
      return result;
    } catch (error) {
      log.error(name, { ...fields(), reason: errorMessage(error) });
      throw isFault(error) ? new Refusal(error) : error;
    }
  });
}
