// The list of a trial as CSV, safe to open in a spreadsheet.
import { stringify } from 'csv-stringify/sync';
import { TRIAL_COLUMNS, type Trial, trialCells } from './trial.ts';

/** One row per event; cells that a spreadsheet would run as a formula begin with an apostrophe. */
export const trialCsv = (trial: Trial): string =>
  stringify(trialCells(trial), { header: true, columns: [...TRIAL_COLUMNS], record_delimiter: 'windows', escape_formulas: true });
