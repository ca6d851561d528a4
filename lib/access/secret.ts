// Comparing secrets, without a word about how much of one was right.
import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Takes as long for a nearly right answer as for a wrong one; an empty secret equals nothing. */
export const isSame = (given: string, secret: string): boolean =>
  secret !== '' && timingSafeEqual(digest(given), digest(secret));

/** What an Authorization header bears as `Bearer`; empty for any other. RFC 6750 section 2.1. */
export const readBearer = (header: string | undefined): string => /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';

/** Whether an Authorization header is `Bearer` and this secret. */
export const isBearer = (header: string | undefined, secret: string): boolean => isSame(readBearer(header), secret);
