// What a migration needs of a database before it changes anything: pgvector, tables of the expected
// shape, and rights. Each refusal is a sentence that says what to type.
import type { Queries } from '../adapters/postgres.ts';
import { Fault, isFault } from '../errors.ts';
import type { Catalog } from './columns.ts';
import type { PlannedStatement } from './migration-steps.ts';
import { OWNED } from './table-shapes.ts';
import { wrongIn } from './usability.ts';

export async function enableVectors({ rows }: Pick<Queries, 'rows'>): Promise<void> {
  const [found] = await rows<{ usable: boolean; schema: string | null; offered: boolean }>(
    `SELECT to_regtype('vector') IS NOT NULL AS usable,
       (SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector') AS schema,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') AS offered`,
  );
  if (found!.usable) return;
  if (found!.schema !== null)
    throw new Fault(
      'conflict',
      `pgvector is in the schema ${found!.schema}, which the search path of this user does not name; nothing was changed. ` +
        `Add it to DATABASE_URL (?options=-csearch_path%3Dpublic,${found!.schema}), then type: npm run migrate`,
    );
  if (!found!.offered)
    throw new Fault(
      'conflict',
      'the server has no pgvector extension; nothing was changed. Install it there (Debian, Ubuntu: apt install postgresql-15-pgvector, ' +
        'with the number of your PostgreSQL), then type: npm run migrate',
    );
  try {
    await rows('CREATE EXTENSION vector');
  } catch (error) {
    if (isFault(error, 'unavailable')) throw error;
    throw new Fault(
      'conflict',
      'pgvector is not enabled in this database, and this user may not enable it; nothing was changed. ' +
        'Ask an administrator to enable the extension vector there, then type: npm run migrate',
      { cause: isFault(error) ? error.cause : error },
    );
  }
}

export function refuseOtherShapes(catalog: Catalog): void {
  const problems = Object.keys(OWNED).flatMap((name) => {
    const table = catalog.table(name);
    if (table === undefined) return [];
    if (table.kind !== 'table') return [`${name} is a ${table.kind}, and tables of Hoofprint cannot refer to it`];
    const unkeyed = table.columns.has('id') && !table.keyed ? [`${name}.id is not a primary key`] : [];
    return [...wrongIn(catalog, name), ...unkeyed];
  });
  if (problems.length > 0)
    throw new Fault(
      'conflict',
      `the database has tables of these names in another shape: ${problems.join('; ')}; nothing was changed`,
    );
}

const AS_OWNER = 'nothing was changed. Type: DATABASE_URL=(address with the user that owns the tables) npm run migrate';

export async function refuseWithoutSchema({ rows }: Pick<Queries, 'rows'>, { user }: Catalog): Promise<void> {
  const [found] = await rows<{ schema: string | null; may: boolean | null }>(
    `SELECT current_schema()::text AS schema, has_schema_privilege(current_schema(), 'CREATE') AS may`,
  );
  if (found!.schema === null)
    throw new Fault(
      'conflict',
      `no schema on the search path of the database user ${user} exists, so tables cannot be made; nothing was changed`,
    );
  if (found!.may !== true)
    throw new Fault(
      'conflict',
      `the database user ${user} may not make tables in the schema ${found!.schema}; ${AS_OWNER}`,
    );
}

export async function refuseWithoutRights(
  { rows }: Pick<Queries, 'rows'>,
  catalog: Catalog,
  { alters, refers = [] }: PlannedStatement,
): Promise<void> {
  const table = alters === undefined ? undefined : catalog.table(alters);
  if (table?.alterable === false)
    throw new Fault(
      'conflict',
      `the database user ${catalog.user} may not change the table ${table.name}, which is ${table.owner}'s; ${AS_OWNER}`,
    );
  for (const name of refers) {
    const [found] = await rows<{ may: boolean }>(`SELECT has_table_privilege(to_regclass($1), 'REFERENCES') AS may`, [
      name,
    ]);
    if (found!.may !== true)
      throw new Fault(
        'conflict',
        `the database user ${catalog.user} may not make tables that refer to ${name}; ${AS_OWNER}`,
      );
  }
}
