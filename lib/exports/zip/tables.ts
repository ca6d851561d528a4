// The archive's tables: metadata.csv and the summary, column by column.
import { type Box, isBox } from '../../box.ts';
import type { Cell } from '../../csv.ts';
import { trimName } from '../../deer/short-names.ts';
import type { Season } from '../season/index.ts';
import type { DetectionRow } from './detections/rows.ts';

export const METADATA = [
  'detection_id',
  'image_id',
  'filename',
  'captured_at',
  'location',
  'classification',
  'model_classification',
  'confidence',
  'bbox_x',
  'bbox_y',
  'bbox_width',
  'bbox_height',
  'deer_id',
  'deer_name',
  'burst_group_id',
  'is_reviewed',
  'created_at',
] as const;

/** `+05:30`, `-06:00`, or `Z` for none. */
function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
}

function metadataRow(row: DetectionRow): Cell[] {
  const box: Partial<Box> = isBox(row.bbox) ? row.bbox : {};
  return [
    row.id,
    row.image_id,
    row.filename,
    `${row.local}${formatOffset(row.offset_minutes)}`,
    row.location,
    row.class,
    row.model_class,
    row.confidence,
    box.x,
    box.y,
    box.width,
    box.height,
    row.deer_id,
    trimName(row.deer_name),
    row.burst_group_id,
    row.is_reviewed ?? false,
    row.created_at?.toISOString(),
  ];
}

export function* metadataRows(rows: Iterable<DetectionRow>): Generator<Cell[]> {
  for (const row of rows) yield metadataRow(row);
}

export const SUMMARY = [
  'period',
  'class',
  'detections',
  'independent_events',
  'individuals',
  'trap_nights',
  'events_per_100_trap_nights',
] as const;

const rounded = (value: number | null, digits: number): number | null =>
  value === null ? null : Number(value.toFixed(digits));

/**
 * A row for each bin and class, including empty ones. Detections and events add up; individuals do
 * not.
 */
export function* summaryRows(season: Season): Generator<Cell[]> {
  for (const { bin, byClass, nights } of season.bins) {
    for (const [index, row] of byClass.entries()) {
      yield [
        bin.key,
        season.classes[index],
        row.detections,
        row.events,
        row.individuals,
        rounded(nights, 4),
        rounded(row.per100, 4),
      ];
    }
  }
}
