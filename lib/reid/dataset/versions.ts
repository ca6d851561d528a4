// Embedding versions: vectors of two of them must not be compared, so an analysis reports on one.

export interface VersionCount {
  /** null where not recorded. */
  version: string | null;
  detections: number;
  profiles: number;
}

/** In order of name, the unnamed version first. */
export const sortVersions = (versions: VersionCount[]): VersionCount[] =>
  versions.sort((a, b) => ((a.version ?? '') < (b.version ?? '') ? -1 : 1));

const named = (versions: readonly VersionCount[]): VersionCount[] => versions.filter(({ version }) => version !== null);

/**
 * The version that an analysis reports on: that of the most detections among those that deer have
 * too, else that of the most detections; a tie goes to the first by name. null where none is
 * recorded.
 */
export function chooseVersion(versions: readonly VersionCount[]): string | null {
  const both = named(versions).filter(({ detections, profiles }) => detections > 0 && profiles > 0);
  const [first] = (both.length > 0 ? both : named(versions)).sort(
    (a, b) => b.detections - a.detections || b.profiles - a.profiles || (a.version! < b.version! ? -1 : 1),
  );
  return first?.version ?? null;
}

/**
 * Which items of one side belong to the chosen version. One without a version belongs to it where
 * only one version is recorded at all, or where nothing on its side has one.
 */
export function matchVersion(
  versions: readonly VersionCount[],
  chosen: string | null,
  side: 'detections' | 'profiles',
): (version: string | null) => boolean {
  const unnamedBelong = named(versions).length <= 1 || named(versions).every((count) => count[side] === 0);
  return (version) => (version === null ? unnamedBelong : version === chosen);
}
