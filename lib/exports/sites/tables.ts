// The tables of sites and occasions; rows are the same sites in the same order in each.
import type { Cell } from '../../csv.ts';
import { onOneLine } from '../../plain-text.ts';
import type { Site, Sites } from './read.ts';

/** What R reads as a missing value, in every kind of column. */
const NA = 'NA';

export const occasionHeader = ({ occasions }: Sites): string[] => [
  'location',
  ...occasions.map(({ column }) => column),
];

/** 1 detected, 0 not detected, NA where no camera was running: its 0 would claim an absence. */
export function* historyRows({ sites }: Sites): Generator<Cell[]> {
  for (const { label, effort, detections } of sites)
    yield [label, ...effort.map((nights, index) => (nights === 0 ? NA : Number(detections[index]! > 0)))];
}

/**
 * Trap nights; NA where there are none, so that a mean or a scale is one of occasions with effort.
 */
export function* effortRows({ sites }: Sites): Generator<Cell[]> {
  for (const { label, effort } of sites) yield [label, ...effort.map((nights) => (nights === 0 ? NA : nights))];
}

interface Column {
  name: string;
  /** What README.txt says of it. */
  meaning: string;
  cell: (site: Site) => Cell;
  /** Left out of a table in which no site has a value. */
  optional?: true;
}

const COLUMNS: readonly Column[] = [
  { name: 'location', meaning: 'name of the site', cell: ({ label }) => label },
  { name: 'latitude', meaning: 'degrees north (WGS 84)', cell: ({ point }) => point?.[1] },
  { name: 'longitude', meaning: 'degrees east (WGS 84)', cell: ({ point }) => point?.[0] },
  {
    name: 'trap_nights',
    meaning: 'effort in the period',
    cell: ({ effort }) => Number(effort.reduce((sum, nights) => sum + nights, 0).toFixed(4)),
  },
  {
    name: 'effort_source',
    meaning: 'deployments, or images where no deployment is recorded',
    cell: ({ derived }) => (derived ? 'images' : 'deployments'),
  },
  {
    name: 'habitat',
    meaning: 'description of the location in the database',
    cell: ({ habitat }) => (habitat === null ? null : onOneLine(habitat)),
    optional: true,
  },
  {
    name: 'bait',
    meaning: 'yes, no, or mixed where deployments differ',
    cell: ({ bait }) => bait,
    optional: true,
  },
];

const isMissing = (cell: Cell): boolean => cell === null || cell === undefined || cell === '';

export const siteColumns = ({ sites }: Sites): readonly Column[] =>
  COLUMNS.filter(({ cell, optional }) => optional !== true || sites.some((site) => !isMissing(cell(site))));

export function* siteRows(all: Sites): Generator<Cell[]> {
  const columns = siteColumns(all);
  for (const site of all.sites)
    yield columns.map(({ cell }) => {
      const value = cell(site);
      return isMissing(value) ? NA : value;
    });
}
