// Which secrets functions see: those of an embedded service never go to another one.
import { acceptKeys, environmentFor } from '../../localstack/stack/environment.ts';
import { makeSecrets } from '../../localstack/stack/secrets.ts';

const secrets = makeSecrets();
const ports = { postgres: 1, redis: 2, aws: 3, images: 4 };
const see = (env: NodeJS.ProcessEnv): Promise<Record<string, string>> =>
  environmentFor(env, { ports, folder: '/data', imageRoot: '/frames', secrets });

test('without any variable all secrets are those of the data folder, whatever AWS profile a shell has', async () => {
  expect(await see({ AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: 'real', AWS_SECRET_ACCESS_KEY: 'real' })).toMatchObject({
    DATABASE_URL: `postgres://postgres:${secrets.password}@127.0.0.1:1/postgres`,
    REDIS_URL: `redis://default:${secrets.password}@127.0.0.1:2`,
    AWS_ACCESS_KEY_ID: secrets.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
    AWS_PROFILE: '',
    IMAGE_ARCHIVE_TOKEN: secrets.token,
  });
});

test('another archive gets the token that is given for it, or none', async () => {
  const IMAGE_ARCHIVE_URL = 'https://archive.example';
  expect((await see({ IMAGE_ARCHIVE_URL })).IMAGE_ARCHIVE_TOKEN).toBeUndefined();
  expect((await see({ IMAGE_ARCHIVE_URL, IMAGE_ARCHIVE_TOKEN: 'own' })).IMAGE_ARCHIVE_TOKEN).toBe('own');
  const joined = await environmentFor({ IMAGE_ARCHIVE_URL }, { environment: await see({}) });
  expect(joined.IMAGE_ARCHIVE_TOKEN).toBeUndefined();
});

test('next to an external S3 the embedded SQS takes the keys of the person, and no others', async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'own-id', AWS_SECRET_ACCESS_KEY: 'own-secret' };
  const env = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000', ...keys };
  expect(await see(env)).toMatchObject(keys);
  expect(acceptKeys(env, secrets)).toEqual({ ...secrets, accessKeyId: 'own-id', secretAccessKey: 'own-secret' });
  expect(acceptKeys(keys, secrets)).toEqual(secrets);
});

test('functions know which services are embedded', async () => {
  expect(await see({})).toMatchObject({ ENGINES_FOLDER: '/data', EMBEDDED_DATABASE: 'yes' });
  expect((await see({ DATABASE_URL: 'postgres://a:b@db.example/deer' })).EMBEDDED_DATABASE).toBeUndefined();
});
