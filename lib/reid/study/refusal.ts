// Why nothing can be computed from a data set at all, in words.
import type { Dataset } from '../dataset/dataset.ts';
import type { VersionCount } from '../dataset/versions.ts';

/** How vectors are attached to detections that exist. */
export const ATTACH = 'npm run import -- --embeddings vectors.npy --detections ids.csv';

/**
 * Why nothing can be computed at all, in words; undefined when it can. That vectors are missing
 * comes before any other reason of theirs.
 */
export function findRefusal(dataset: Dataset): string | undefined {
  const { otherClass, wrongSize, otherVersion } = dataset.leftOut.detections;
  const { stored, version, versions, total } = dataset;
  if (total === 0)
    return otherClass === 0 ? 'there are no detections' : `none of the ${otherClass} detections is of a deer`;
  if (stored === null && dataset.detections.length === 0) {
    const size =
      wrongSize === 0
        ? ''
        : `: ${wrongSize} of them are not of ${dataset.dimensions} numbers, as those of the deer profiles are`;
    const other =
      otherVersion === 0
        ? ''
        : `: ${otherVersion} of them have vectors of another embedding version (${listVersions(versions)})`;
    const attach = size + other === '' ? `. Attach vectors with ${ATTACH}` : '';
    return `none of the ${total} detections has a usable vector${size || other || attach}`;
  }
  if (dataset.profiles.length === 0) {
    const left = Object.values(dataset.leftOut.profiles).reduce((a, b) => a + b, 0);
    if (left === 0) return 'there are no deer profiles';
    if (dataset.leftOut.profiles.otherVersion === left) {
      return `no deer profile has a vector of the detections' embedding version ${version} (${listVersions(versions)})`;
    }
    return `none of the ${left} deer profiles has a usable vector`;
  }
  if (stored !== null && stored.summary.used === 0) {
    return stored.summary.rows === 0
      ? `no detection has a vector or a stored score. Attach vectors with ${ATTACH}`
      : `none of the ${stored.summary.rows} stored scores can be used`;
  }
  return undefined;
}

/** The counts of each embedding version, for a sentence. */
export const listVersions = (versions: readonly VersionCount[]): string =>
  versions
    .map(
      ({ version, detections, profiles }) =>
        `${version ?? 'not recorded'}: ${detections} detections, ${profiles} profiles`,
    )
    .join('; ');
