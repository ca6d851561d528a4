// camera_table.csv and camera_operation.csv: when cameras were working, in the form and by the
// rules of camtrapR's cameraOperation.
import type { Cell } from '../../../csv.ts';
import { addDays, daysBetween } from '../../../deer/calendar.ts';
import type { CameraTimes } from '../../season/index.ts';
import { labelSites } from '../../sites/labels.ts';

/** Days between two deployments of one camera, on which it was down. */
interface Problem {
  from: string;
  to: string;
}

export interface StationCamera {
  station: string;
  camera: string;
  setup: string;
  retrieval: string;
  problems: Problem[];
}

const takeDay = (time: string): string => time.slice(0, 10);

/**
 * Set-up is the first day, retrieval the last one. One that ends on the day on which it began is
 * given the next day, since camtrapR refuses equal days.
 */
function describeTimes(times: CameraTimes['times']): Pick<StationCamera, 'setup' | 'retrieval' | 'problems'> {
  const [setup, end] = [takeDay(times[0]!.from), takeDay(times.at(-1)!.to)];
  const problems = times.slice(1).flatMap((time, index): Problem[] => {
    const [from, to] = [addDays(takeDay(times[index]!.to), 1), addDays(takeDay(time.from), -1)];
    return from <= to ? [{ from, to }] : [];
  });
  return { setup, retrieval: end === setup ? addDays(end, 1) : end, problems };
}

/** camtrapR divides the names of rows at `__CAM_` and `__SESS_`. */
export const withoutMarks = (name: string): string => name.replace(/__(?=CAM_|SESS_)/g, '_');

/** Names of the cameras of one station as R reads them: those without an id are numbered. */
function nameCameras(here: readonly CameraTimes[]): string[] {
  const taken = new Set(here.flatMap(({ camera }) => (camera === null ? [] : [camera])));
  let number = 0;
  const names = here.map(({ camera }) => {
    if (camera !== null) return withoutMarks(camera);
    do number += 1;
    while (taken.has(String(number)));
    return String(number);
  });
  return labelSites(names.map((name, index) => ({ id: String(index + 1), name })));
}

/** Cameras by station. */
export function listCameras(cameras: readonly CameraTimes[], stations: ReadonlyMap<string, string>): StationCamera[] {
  const at = Map.groupBy(cameras, ({ location_id }) => location_id);
  return [...stations].flatMap(([location, station]) => {
    const here = at.get(location) ?? [];
    const names = nameCameras(here);
    return here.map(
      ({ times }, index): StationCamera => ({
        ...{ station, camera: names[index]! },
        ...describeTimes(times),
      }),
    );
  });
}

/** The share of a day that a camera was working, as camtrapR has it; undefined outside its time. */
function findShare({ setup, retrieval, problems }: StationCamera, day: string): number | undefined {
  if (day < setup || day > retrieval) return undefined;
  if (day === setup || day === retrieval) return 0.5;
  return problems.some(({ from, to }) => day >= from && day <= to) ? 0 : 1;
}

export interface Operation {
  days: string[];
  /** By station: camera days of each day, null outside the time of all of its cameras. */
  stations: Map<string, (number | null)[]>;
}

/** A station without any day in the period has no row. */
export function makeOperation(cameras: readonly StationCamera[], start: string, end: string): Operation {
  const days = Array.from({ length: daysBetween(start, end) + 1 }, (_, index) => addDays(start, index));
  const stations = new Map<string, (number | null)[]>();
  for (const [station, own] of Map.groupBy(cameras, (camera) => camera.station)) {
    const row = days.map((day): number | null => {
      const shares = own.flatMap((camera) => findShare(camera, day) ?? []);
      return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0);
    });
    if (row.some((share) => share !== null)) stations.set(station, row);
  }
  return { days, stations };
}

/** Whether any camera of the station was working on the day, so that a record there has effort. */
export const hasWorked = ({ days, stations }: Operation, station: string | undefined, day: string): boolean =>
  (stations.get(station ?? '')?.[daysBetween(days[0]!, day)] ?? 0) > 0;

export function* operationRows({ stations }: Operation): Generator<Cell[]> {
  for (const [station, row] of stations) yield [station, ...row];
}

/** Columns of the camera table from its third on: the most problems that a camera has. */
export const countProblems = (cameras: readonly StationCamera[]): number =>
  cameras.reduce((most, { problems }) => Math.max(most, problems.length), 0);

export function* cameraRows(
  cameras: readonly StationCamera[],
  places: ReadonlyMap<string, readonly [x: number, y: number]> | undefined,
): Generator<Cell[]> {
  const most = countProblems(cameras);
  for (const { station, camera, setup, retrieval, problems } of cameras) {
    const [x = null, y = null] = places?.get(station) ?? [];
    yield [
      ...[station, camera, ...(places === undefined ? [] : [x, y]), setup, retrieval],
      ...Array.from({ length: most }, (_, index) => problems[index])
        .flatMap((problem) => [problem?.from, problem?.to])
        .map((day) => day ?? null),
    ];
  }
}
