// Why a data set cannot be studied, in words.
import { count, number } from '../../format.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { VersionCount } from '../dataset/versions.ts';

/** The command that attaches vectors to the detections of a database. */
export const ATTACH = 'npm run import -- --embeddings vectors.npy --detections ids.csv';

/**
 * A sentence without capital and period, or undefined when the data can be studied. Missing vectors
 * are named before anything else that is wrong with vectors.
 */
export function findRefusal(dataset: Dataset): string | undefined {
  const { otherClass, wrongSize, otherVersion } = dataset.leftOut.detections;
  const { stored, version, versions, total } = dataset;
  if (total === 0)
    return otherClass === 0 ? 'there are no detections' : `none of the ${count(otherClass, 'detection')} is of a deer`;
  if (stored === null && dataset.detections.length === 0) {
    const size =
      wrongSize === 0
        ? ''
        : `: ${number(wrongSize)} of them have vectors of another length than the deer profiles${dataset.dimensions === 0 ? '' : ` (${dataset.dimensions} numbers)`}`;
    const other =
      otherVersion === 0
        ? ''
        : `: ${number(otherVersion)} of them have vectors of another embedding version (${listVersions(versions)})`;
    const attach = size + other === '' ? `. Attach vectors with ${ATTACH}` : '';
    return `none of the ${count(total, 'detection')} has a usable vector${size || other || attach}`;
  }
  if (dataset.profiles.length === 0) {
    const left = Object.values(dataset.leftOut.profiles).reduce((a, b) => a + b, 0);
    if (left === 0) return 'there are no deer profiles';
    if (dataset.leftOut.profiles.otherVersion === left) {
      return `no deer profile has a vector of embedding version ${version}, which the detections have (${listVersions(versions)})`;
    }
    return `none of the ${count(left, 'deer profile')} has a usable vector`;
  }
  if (stored !== null && stored.summary.used === 0) {
    return stored.summary.rows === 0
      ? `no detection has a vector or a stored score. Attach vectors with ${ATTACH}`
      : `none of the ${count(stored.summary.rows, 'stored score')} can be used`;
  }
  return undefined;
}

/** The counts of each embedding version: `v1: 2 detections, 1 profile; v2: ...`. */
export const listVersions = (versions: readonly VersionCount[]): string =>
  versions
    .map(
      ({ version, detections, profiles }) =>
        `${version ?? 'not recorded'}: ${count(detections, 'detection')}, ${count(profiles, 'profile')}`,
    )
    .join('; ');
