// The edge, request bodies: read as JSON whatever their Content-Type, then held to a contract. Only
// functions with a body carry AJV.
import type { MiddlewareObj } from '@middy/core';
import validator from '@middy/validator';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Contract } from '../contract.ts';
import { Fault, type Problem } from '../errors.ts';
import type { BodyCheck, HttpEvent } from './event.ts';
import { problemFinder } from './validate.ts';

/** Largest request body in bytes. */
export const BODY_LIMIT = 512 * 1024;

function readBody(event: APIGatewayProxyEventV2, isOptional: boolean): unknown {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (isOptional && bytes.length === 0) return {};
  if (bytes.length > BODY_LIMIT) throw new Fault('too-large', 'Request body is too large');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Fault('invalid', 'Request body is not valid JSON', { cause });
  }
}

/** A contract in the shape that @middy/validator takes: a function with `errors`. */
function eventSchema<Body, Circumstances>(
  contract: Contract<Body, Circumstances>,
  circumstances: (() => Circumstances) | undefined,
): never {
  const findProblems = problemFinder(contract);
  const validate = Object.assign(
    (event: HttpEvent): boolean => {
      validate.errors = findProblems(event.body, circumstances?.() as Circumstances);
      return validate.errors.length === 0;
    },
    { errors: [] as Problem[] },
  );
  return validate as never;
}

/**
 * @param circumstances what the rules need to know beyond the body, e.g. today's date; asked at
 * every request.
 * @param isOptional whether no body at all is as good as an empty object
 */
export function jsonBody<Body, Circumstances = void>(
  contract: Contract<Body, Circumstances>,
  circumstances?: () => Circumstances,
  isOptional = false,
): BodyCheck<Body> {
  const read: MiddlewareObj<HttpEvent> = {
    before: ({ event }) => {
      event.body = readBody(event as APIGatewayProxyEventV2, isOptional);
    },
  };
  return {
    middlewares: [read, validator({ eventSchema: eventSchema(contract, circumstances) }) as MiddlewareObj<HttpEvent>],
  };
}
