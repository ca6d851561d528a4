// Rows and vectors as they were read become the data set of an analysis. Pure.
import { assembleStored } from './assemble-stored.ts';
import type { Dataset } from './dataset.ts';
import type { Draw, Selection } from './draws.ts';
import { isDeerGate, passesGate, toGate } from './gates.ts';
import type { Detection, Location, Profile, Review } from './records.ts';
import type { StoredRaw } from './stored-scores.ts';
import { byId, NOTHING_LEFT_OUT, takeUsable, type Usable, type VectorTable } from './vector-table.ts';
import { chooseVersion, matchVersion, sortVersions, type VersionCount } from './versions.ts';

export interface Raw {
  detections: readonly Detection[];
  /** Stored scores; then no vector is needed. */
  stored?: StoredRaw | undefined;
  /** Counted by the reader where it has read the vectors of one version only. */
  versions?: VersionCount[] | undefined;
  vectors: VectorTable;
  profiles: readonly Profile[];
  profileVectors: VectorTable;
  reviews: readonly Review[];
  selection?: Selection;
  draws?: readonly Draw[] | undefined;
  locations: readonly Location[];
  absent?: readonly string[];
}

/**
 * Joins rows and vectors, leaves out and counts what cannot be used, scales every vector to length
 * 1 and sorts by id, so that the order of the rows changes nothing. `raw.vectors.values` is used up
 * (compacted in place when it is in order of id already).
 */
export function assemble(raw: Raw): Dataset {
  const valid = raw.detections.filter(({ valid, duplicate }) => valid && !duplicate);
  const invalid = raw.detections.filter(({ valid }) => !valid).length;
  const duplicate = raw.detections.length - valid.length - invalid;
  const searched = valid.filter(searchedBy(raw.profiles));
  const found = raw.stored === undefined ? fromVectors(raw, searched) : fromStored(raw.stored, searched, raw.profiles);
  const { profiles, detections, ...rest } = found;
  return {
    ...rest,
    profiles: profiles.rows,
    profileVectors: profiles.vectors,
    detections: detections.rows,
    vectors: detections.vectors,
    names: new Map(raw.profiles.map(({ id, name }) => [id, name])),
    total: searched.length,
    assigned: searched.filter(({ deer, applied }) => (deer ?? applied ?? null) !== null).length,
    applied: searched.filter(({ applied }) => (applied ?? null) !== null).length,
    reviews: raw.reviews
      .slice()
      .sort((a, b) => (a.detection < b.detection ? -1 : a.detection > b.detection ? 1 : (a.at ?? 0) - (b.at ?? 0))),
    selection: raw.selection ?? { classes: null, locations: null, since: null, until: null },
    draws: [...(raw.draws ?? [])],
    locations: new Map(raw.locations.map((location) => [location.id, location])),
    leftOut: {
      detections: { ...detections.leftOut, invalid, duplicate, otherClass: valid.length - searched.length },
      profiles: { ...profiles.leftOut, invalid: 0, duplicate: 0, otherClass: 0 },
    },
    absent: [...(raw.absent ?? [])],
  };
}

type Assembled = Pick<Dataset, 'source' | 'stored' | 'dimensions' | 'version' | 'versions'> & {
  profiles: Usable<Profile>;
  detections: Usable<Detection>;
};

/** Vectors of the version that most detections have; those of others are left out and counted. */
function fromVectors(raw: Raw, searched: readonly Detection[]): Assembled {
  const versions =
    raw.versions ?? countVersions(searched, raw.profiles, new Set(raw.vectors.ids), new Set(raw.profileVectors.ids));
  const version = chooseVersion(versions);
  const profiles = takeUsable(
    raw.profiles,
    raw.profileVectors,
    raw.profileVectors.dimensions,
    matchVersion(versions, version, 'profiles'),
  );
  const dimensions = raw.profiles.length > 0 ? raw.profileVectors.dimensions : raw.vectors.dimensions;
  const detections = takeUsable(searched, raw.vectors, dimensions, matchVersion(versions, version, 'detections'));
  return { source: 'vectors', stored: null, dimensions, version, versions, profiles, detections };
}

function fromStored(raw: StoredRaw, searched: readonly Detection[], all: readonly Profile[]): Assembled {
  const detections = searched.slice().sort(byId);
  const { stored, profiles, version, versions, withoutVector, otherVersion } = assembleStored(
    raw,
    detections,
    all.slice().sort(byId),
  );
  const vectors = new Float32Array(0);
  return {
    source: 'scores',
    stored,
    dimensions: 0,
    version,
    versions,
    profiles: { rows: profiles, vectors, leftOut: { ...NOTHING_LEFT_OUT, withoutVector, otherVersion } },
    detections: { rows: detections, vectors, leftOut: NOTHING_LEFT_OUT },
  };
}

/**
 * Whether the matcher would search a detection: it is of a deer class, or of a class that some
 * profile is of. Any other could never be assigned.
 */
function searchedBy(profiles: readonly Profile[]): (detection: Detection) => boolean {
  const gates = [...new Set(profiles.map(({ label }) => toGate(label)))];
  return ({ label }) => isDeerGate(toGate(label)) || gates.some((profile) => passesGate(toGate(label), profile));
}

function countVersions(
  detections: readonly Detection[],
  profiles: readonly Profile[],
  hasVector: ReadonlySet<string>,
  hasProfileVector: ReadonlySet<string>,
): VersionCount[] {
  const counts = new Map<string | null, VersionCount>();
  const at = (version: string | null): VersionCount => {
    const count = counts.get(version) ?? { version, detections: 0, profiles: 0 };
    counts.set(version, count);
    return count;
  };
  for (const { id, version } of detections) if (hasVector.has(id)) at(version).detections++;
  for (const { id, version } of profiles) if (hasProfileVector.has(id)) at(version).profiles++;
  return sortVersions([...counts.values()]);
}
