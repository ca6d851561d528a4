// What external services must have: tables and a bucket. What is surely missing is a sentence with
// what to type.
import { type Database, postgres, type Queries } from '../../lib/adapters/postgres.ts';
import { s3Files } from '../../lib/adapters/s3.ts';
import { type Catalog, readCatalog } from '../../lib/deer/columns.ts';
import { judgeUsability } from '../../lib/deer/usability.ts';
import { isExternal } from './environment.ts';

/** The tables without which no export and no analysis can be made. */
const TABLES = ['images', 'detections', 'locations', 'deer'];

export interface DatabaseState {
  /** Why exports and analyses cannot be made. */
  faults: string[];
  /** What works in part only. */
  notes: string[];
  /** What works, in one line; undefined when there are faults. */
  works?: string;
}

const NAMED = 'the database of DATABASE_URL';
const named = (sentence: string): string => sentence.replace(/^the database (?=has )/, `${NAMED} `);
const ATTACH = 'npm run import -- --embeddings vectors.npy --detections ids.csv';

async function anyRow({ rows }: Queries, from: string): Promise<boolean> {
  const [found] = await rows<{ there: boolean }>(`SELECT EXISTS (SELECT FROM ${from}) AS there`);
  return found?.there === true;
}

/** What a Re-ID analysis would be computed from. */
async function scoresFrom(queries: Queries, catalog: Catalog): Promise<'vectors' | 'scores' | undefined> {
  const readable = (table: string): boolean => catalog.has(table) && catalog.table(table)?.readable === true;
  if (
    catalog.has('detections', 'feature_vector') &&
    (await anyRow(queries, 'detections WHERE feature_vector IS NOT NULL'))
  )
    return 'vectors';
  if (readable('hoofprint_embeddings') && (await anyRow(queries, 'hoofprint_embeddings'))) return 'vectors';
  return readable('reid_similarity_scores') && (await anyRow(queries, 'reid_similarity_scores')) ? 'scores' : undefined;
}

function judgeDatabase(catalog: Catalog, source: 'vectors' | 'scores' | undefined): DatabaseState {
  const { faults, notes } = judgeUsability(catalog);
  if (faults.length > 0) {
    const missing = TABLES.filter((table) => catalog.table(table) === undefined);
    const others = faults
      .filter((fault) => !/^the database has no table/.test(fault))
      .map((fault) =>
        /\bType: |DATABASE_URL/.test(fault) ? fault : `${fault}. Change them, or name another database in DATABASE_URL`,
      );
    const tables = missing.length === 0 ? [] : [`${NAMED} has no table ${missing.join(', ')}. Type: npm run migrate`];
    return { faults: [...tables, ...others.map(named)], notes: [] };
  }
  if (source === 'vectors')
    return { faults: [], notes: notes.map(named), works: `${NAMED} can be used: exports and Re-ID work` };
  if (source === 'scores')
    return {
      faults: [],
      notes: notes.map(named),
      works: `${NAMED} can be used: exports work, Re-ID works on its stored scores`,
    };
  const none = `${NAMED} has neither vectors of detections nor stored scores, which Re-ID needs. Type: ${ATTACH}`;
  return { faults: [], notes: [...notes.map(named), none], works: `${NAMED} can be used: exports work` };
}

/**
 * One look at an owner's database, as its user sees it; undefined when it does not answer, which
 * the health check reports.
 */
export async function databaseState(url: string): Promise<DatabaseState | undefined> {
  const database: Database = postgres({ url, connections: 1 });
  try {
    return await database.read(async (queries) => {
      const catalog = await readCatalog(queries);
      const usable = judgeUsability(catalog).faults.length === 0;
      return judgeDatabase(catalog, usable ? await scoresFrom(queries, catalog) : undefined);
    });
  } catch {
    return undefined;
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

/**
 * @param env what the person has set @param environment what functions see, also in process.env for
 * the AWS client
 */
export async function findMissingBucket(
  env: NodeJS.ProcessEnv,
  environment: Readonly<Record<string, string>>,
): Promise<string[]> {
  const bucket = environment.EXPORTS_BUCKET ?? '';
  if (!isExternal(env, 's3') || !(await bucketIsMissing(bucket))) return [];
  return [
    `the external S3 has no bucket ${bucket}. Make it (aws s3 mb s3://${bucket}), or set EXPORTS_BUCKET to one that it has`,
  ];
}

/** Everything that is surely missing outside; see {@link findMissingBucket}. */
export async function findMissing(
  env: NodeJS.ProcessEnv,
  environment: Readonly<Record<string, string>>,
): Promise<string[]> {
  const state = isExternal(env, 'postgres') ? await databaseState(environment.DATABASE_URL ?? '') : undefined;
  return [...(state?.faults ?? []), ...(await findMissingBucket(env, environment))];
}
