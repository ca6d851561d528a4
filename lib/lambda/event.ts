// The event of an HTTP function between its two halves: http.ts answers it, body.ts reads its body.
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Admission } from '../access/guard.ts';

/** `body` is text when it arrives, and the checked value when the function acts on it. */
export type HttpEvent = Omit<APIGatewayProxyEventV2, 'body'> & {
  body?: unknown;
  /** Of a caller that can pass a stream on: calls back when nobody waits any more. */
  onGone?: (act: () => void) => void;
  /** Set by the door. */
  admission?: Admission;
};

/** Made by jsonBody(): what http() does with the body of a request before it acts. */
export interface BodyCheck<Body> {
  /** What a page has to say that it sends; absent = JSON. */
  type?: 'application/octet-stream';
  middlewares: MiddlewareObj<HttpEvent>[];
  /** Carries the type; never set. */
  body?: Body;
}
