// What services outside must bring themselves: tables and a bucket. Whatever is surely missing is a sentence with what to type.
import { postgres } from '../lib/adapters/postgres.ts';
import { s3Files } from '../lib/adapters/s3.ts';
import { isExternal } from './needs.ts';

/** The tables without which no export and no analysis can be made. */
const TABLES = ['images', 'detections', 'locations', 'deer'];

async function missingTables(url: string): Promise<string[]> {
  const database = postgres({ url, connections: 1 });
  try {
    const rows = await database.read(({ rows }) =>
      rows<{ name: string }>('SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL', [TABLES]),
    );
    return rows.map(({ name }) => name);
  } catch {
    // Whether it answers at all is told elsewhere.
    return [];
  } finally {
    await database.close();
  }
}

async function bucketIsMissing(bucket: string): Promise<boolean> {
  const asked = s3Files({ bucket }).ping();
  return asked.then(
    () => false,
    ({ cause }: { cause?: { $metadata?: { httpStatusCode?: number } } }) => cause?.$metadata?.httpStatusCode === 404,
  );
}

/** @param env what the person has set @param environment what functions see, also in process.env for the AWS client */
export async function lacking(env: NodeJS.ProcessEnv, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const lacks: string[] = [];
  if (isExternal(env, 'postgres')) {
    const tables = await missingTables(environment.DATABASE_URL ?? '');
    if (tables.length > 0) lacks.push(`the database of DATABASE_URL has no table ${tables.join(', ')}. Type: npm run migrate`);
  }
  const bucket = environment.EXPORTS_BUCKET ?? '';
  if (isExternal(env, 's3') && (await bucketIsMissing(bucket))) {
    lacks.push(`the external S3 has no bucket ${bucket}. Make it (aws s3 mb s3://${bucket}), or set EXPORTS_BUCKET to one that it has`);
  }
  return lacks;
}
