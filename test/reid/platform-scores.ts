// The platform's stored scores as tests ask for them: by plain SQL, and by the analysis.
import type { PlotReport } from '../../lib/reid/analysis/reports.ts';
import { loadDataset } from '../../lib/reid/dataset/load.ts';
import type { ThresholdsInput } from '../../lib/reid/input.ts';
import type { Platform } from '../support/platform.ts';
import { plotReport } from '../support/reid-reports.ts';

const DEER = `('buck', 'mature', 'mid', 'young', 'doe', 'fawn', 'unknown')`;
const FINAL = `coalesce(nullif(d.corrected_classification, ''), d.classification)`;
/** Detections that operation counts, with their event. */
export const COUNTED = `counted AS (SELECT d.id, coalesce(d.burst_group_id, d.id) AS event FROM detections d
  WHERE d.is_valid AND NOT d.is_duplicate AND ${FINAL} IN ${DEER})`;
export const BEST = (version: string): string => `best AS (SELECT s.detection_id AS id, max(s.similarity_score) AS score
  FROM reid_similarity_scores s JOIN deer e ON e.id = s.deer_id WHERE e.embedding_version = '${version}' GROUP BY 1)`;

/** Id of deer n of the platform's rows; 4, 6, 9 are does. */
export const deerId = (n: number): string => `20000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export interface Found {
  analyse(input?: ThresholdsInput): Promise<PlotReport>;
  rows<T extends object>(sql: string, params?: readonly unknown[]): Promise<T[]>;
}

export const on = (own: Platform): Found => ({
  rows: (sql, params) => own.database.write((queries) => queries.rows(sql, params)),
  analyse: async (input = {}) => {
    const { source } = input;
    const dataset = await loadDataset(own.database, { timeZone: 'UTC', ...(source === undefined ? {} : { source }) });
    return plotReport(dataset, input);
  },
});
