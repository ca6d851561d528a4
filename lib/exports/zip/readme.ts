// README.txt: what a person who opens the archive needs to know, in plain ASCII except for names.
import type { ZipRequest } from '../request.ts';
import type { Counts, Entry } from './manifest.ts';
import type { Contents } from './selection.ts';

const n = (value: number, one: string, many = `${one}s`): string => `${value} ${value === 1 ? one : many}`;

/** Control characters and line breaks in a name would forge lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const line = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();

function missing(entries: readonly Entry[]): string[] {
  const reasons = new Map<string, number>();
  for (const { status, reason } of entries) {
    // Reasons with a detail of their own are told by what they begin with.
    const kind =
      status === 'skipped' ? (reason ?? '').replace(/:.*$|, (before|after) the period$/s, (end) => (end.startsWith(':') ? '' : end)) : '';
    const told = kind.replace(/^captured on [\d-]+, /, 'captured ').replace(/ \(\d+ x \d+\)$/, '');
    if (told !== '') reasons.set(told, (reasons.get(told) ?? 0) + 1);
  }
  return [...reasons].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([reason, times]) => `  ${times} x ${line(reason)}`);
}

export interface ReadmeParts {
  request: ZipRequest;
  createdAt: Date;
  contents: Contents;
  entries: readonly Entry[];
  counts: Counts;
  crops: boolean;
  metadata: boolean;
  cropSize: number;
}

export function readme(parts: ReadmeParts): string {
  const { request, createdAt, contents, entries, counts, crops, metadata, cropSize } = parts;
  const { scope, leftOut, derivedEffort } = contents.season;
  const title = line(request.title ?? '');
  const skipped = missing(entries);
  const lines = [
    title || 'Camera-trap export',
    '='.repeat(Math.min(78, [...(title || 'Camera-trap export')].length)),
    '',
    `Period:     ${scope.start} to ${scope.end}, both days included, by ${scope.groupBy}`,
    `Time zone:  ${scope.timeZone}`,
    `Classes:    ${scope.classifications?.map(line).join(', ') ?? 'all'}`,
    `Locations:  ${scope.locations?.map(line).join(', ') ?? 'all'}`,
    `Made:       ${createdAt.toISOString()} by Hoofprint`,
    '',
    'What is in here',
    '---------------',
    ...(metadata ? [`metadata.csv            one row per detection: ${n(counts.metadata_rows, 'row')}`] : []),
    `${`summary_by_${scope.groupBy}.csv`.padEnd(24)}counts and effort per ${scope.groupBy} and class`,
    ...(crops
      ? [
          `crops/                  ${n(counts.crops, 'JPEG')}, one per detection, named by its id; cut by its box from the upright`,
          `                        image (the whole frame where it has no box), longest side at most ${cropSize} pixels,`,
          "                        never enlarged; the camera's own metadata are not copied",
        ]
      : []),
    'manifest.json           the request, what came of every detection and why, sha256 of every other file',
    '',
    'How to open it',
    '--------------',
    'The tables are UTF-8, separated by commas, with a header line; any spreadsheet or statistics program reads',
    'them. A text that a spreadsheet would run as a formula has an apostrophe in front. captured_at is the local',
    'time with its offset from UTC. bbox_* are pixels from the upper left corner of the upright image.',
    'An independent event: detections of one class at one location, each less than',
    `${n(scope.independenceMinutes, 'minute')} after the one before. individuals: different known deer; they do not add up over rows.`,
    'trap_nights: 24 hours of one camera standing, of all cameras of the selected locations, whatever the class.',
    ...(derivedEffort ? ['Some locations have no recorded deployment: their trap nights are the days from first to last image.'] : []),
    ...(request.detection_ids === undefined
      ? []
      : ['This archive was asked for by detection ids: its counts are of these detections only.']),
    '',
    'What is missing',
    '---------------',
    leftOut.invalid + leftOut.duplicate > 0
      ? `Not counted anywhere: ${n(leftOut.invalid, 'detection')} marked as not valid, ${leftOut.duplicate} marked as duplicate.`
      : 'No detection of the selection is marked as not valid or as duplicate.',
    skipped.length > 0
      ? `Skipped (${n(counts.skipped, 'detection')}; manifest.json names each):`
      : 'Every requested detection was exported.',
    ...skipped,
    '',
    'Licence',
    '-------',
    'The images and data belong to the owner of the database they come from. This archive grants no licence:',
    'ask the owner before you publish or pass them on. Places of rare or hunted animals deserve discretion.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
