// The edge, bodies that are bytes: taken as they come, up to a bound.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Fault } from '../errors.ts';
import type { BodyCheck } from './event.ts';

/** @param most bytes that a body may have */
export const bytesBody = (most: number): BodyCheck<Buffer> => ({
  type: 'application/octet-stream',
  middlewares: [
    {
      before: ({ event }) => {
        const { body, isBase64Encoded } = event as APIGatewayProxyEventV2;
        const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
        if (bytes.length > most) throw new Fault('too-large', `Request body is too large: it may have ${most} bytes`);
        event.body = bytes;
      },
    },
  ],
});
