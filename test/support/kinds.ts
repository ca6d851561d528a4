// The functions of every kind of export, found by the names that serverless.yml gives them.
import { type ExportKind, KINDS } from '../../lib/exports/kinds/index.ts';
import type { HttpHandler } from '../../lib/lambda/http.ts';

export const capitalized = (kind: string): string => `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
export const createName = (kind: string): string => `create${capitalized(kind)}Export`;
export const statusName = (kind: string): string => `${kind}ExportStatus`;

/** The handlers of each kind, loaded on first use. */
export async function handlersOf(kind: ExportKind): Promise<{ create: HttpHandler; status: HttpHandler }> {
  const load = async (name: string): Promise<HttpHandler> =>
    ((await import(`../../handlers/${name}.ts`)) as { handler: HttpHandler }).handler;
  return { create: await load(createName(kind)), status: await load(statusName(kind)) };
}

/** Of exports; an analysis of Re-ID is asked for in several ways. */
export const kindNames: readonly ExportKind[] = KINDS.filter(({ asks }) => asks === undefined).map(({ kind }) => kind);
