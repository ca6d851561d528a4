// Bytes that no packing makes smaller, the same for the same seed.
import { createCipheriv } from 'node:crypto';

export const noise = (bytes: number, seed: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, seed % 256), Buffer.alloc(16, seed >> 8)).update(Buffer.alloc(bytes));
