// The secrets of engines that a test starts without a stack: those that AWS clients of its process
// use anyway.
import type { Secrets } from '../../localstack/stack/secrets.ts';

export const SECRETS: Secrets = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? 'local',
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? 'local',
  password: 'password-of-a-test',
  token: 'token-of-a-test',
};
