// What is in every table of a database, as one text each: rows and a checksum of them.

type Rows = <T extends object>(sql: string) => Promise<T[]>;

/** @param except tables that may change */
export async function readChecksums(rows: Rows, except: readonly string[] = []): Promise<Record<string, string>> {
  const tables = await rows<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    if (except.includes(name)) continue;
    const [row] = await rows<{ n: number; sum: string }>(
      `SELECT count(*) AS n, coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS sum FROM ${name} t`,
    );
    found[name] = `${row!.n} ${row!.sum}`;
  }
  return found;
}
