// The numbers of January 2024 in a small world, as long as a test asks for nothing else.
import { makeScope, readFilledSeason, type Season } from '../../lib/exports/season/index.ts';
import type { Selection } from '../../lib/exports/shared/request.ts';
import type { World } from './fixture.ts';

export const NOW = new Date('2025-06-01T12:00:00Z');
const JANUARY = { start_date: '2024-01-01', end_date: '2024-01-31', group_by: 'month' } as const;

/** @param earth the world, once it is there */
export const seasonReader =
  (earth: () => World) =>
  (selection: Partial<Selection> = {}, zone = 'UTC', now = NOW, ids?: string[]): Promise<Season> =>
    earth().database.read((queries) =>
      readFilledSeason(queries, makeScope({ ...JANUARY, ...selection }, zone, now, ids)),
    );

/** An instant of 10 January, from 8:00 UTC on. */
export const minute = (n: number): string => new Date(Date.parse('2024-01-10T08:00:00Z') + n * 60_000).toISOString();
