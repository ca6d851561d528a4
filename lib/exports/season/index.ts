// The door of the season: what an export may ask of the database, and the words for it. Everything
// else of this folder is private to it.
export type { DeerTally, LeftOut, Tally } from './activity.ts';
export { type Bait, baitAt, loadBait, loadBaitTimes } from './bait.ts';
export { type Bin, listBins } from './bins.ts';
export { type CameraTimes, loadCameraTimes } from './camera-times.ts';
export { type Change, computeChange, type EventsAndNights } from './change.ts';
export { formatYears } from './deployment-problems.ts';
export { countNights, GAP_DAYS, hasDeployments, loadSpans, type Span } from './effort.ts';
export { type IndependentEvent, loadEvents } from './events.ts';
export { checkNames, type KnownNames, loadNames, makeNameChecker, type NameChecker } from './names.ts';
export type { PictureSource } from './pictures.ts';
export { recallLoaded, rememberLoaded } from './remembered.ts';
export {
  type ComparedPeriod,
  loadReport,
  loadReportWith,
  MOST_SHOWN,
  makeReportScope,
  type PreviousPeriod,
  type ReadMore,
  type ReportRequest,
  type SeasonReport,
} from './report.ts';
export {
  asRows,
  COUNTS,
  DEFAULT_INDEPENDENCE_MINUTES,
  FOUND,
  foundParams,
  inPeriod,
  makeScope,
  nothingFound,
  periodParams,
  type Scope,
  UNDECIDED,
} from './scope.ts';
export {
  type BinTally,
  type Camera,
  type RatedTally,
  ratePer100,
  readFilledSeason,
  readSeason,
  type Season,
} from './season.ts';
export {
  type DeerPage,
  type DeerSighting,
  type DeerSightings,
  EVERYTHING,
  loadDeerPage,
  loadSightings,
  type SeenEvent,
} from './sightings.ts';
