// Small Camtrap DP packages written by tests: valid as they stand, each test breaks what it is
// about.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type Row = Record<string, string | number>;

export interface PackageParts {
  descriptor?: Record<string, unknown>;
  deployments?: Row[];
  /** null: no media.csv at all. */
  media?: Row[] | null;
  observations?: Row[];
  /** Other files of the package by path. */
  files?: Record<string, Buffer | string>;
}

export const deployment = (more: Row = {}): Row => ({
  deploymentID: 'dep1',
  locationID: 'loc1',
  locationName: 'Stand one',
  latitude: 43.5,
  longitude: -90.7,
  deploymentStart: '2024-05-01T08:00:00-05:00',
  deploymentEnd: '2024-06-01T08:00:00-05:00',
  cameraID: 'cam1',
  ...more,
});

export const medium = (id: string, more: Row = {}): Row => ({
  mediaID: id,
  deploymentID: 'dep1',
  timestamp: '2024-05-10T06:00:00-05:00',
  filePath: `https://example.org/${id}.jpg`,
  filePublic: 'false',
  fileMediatype: 'image/jpeg',
  exifData: '',
  ...more,
});

export const observation = (id: string, more: Row = {}): Row => ({
  observationID: id,
  deploymentID: 'dep1',
  mediaID: '',
  eventID: '',
  eventStart: '2024-05-10T06:00:00-05:00',
  eventEnd: '2024-05-10T06:00:00-05:00',
  observationLevel: 'media',
  observationType: 'animal',
  scientificName: 'Odocoileus virginianus',
  count: 1,
  lifeStage: '',
  sex: '',
  individualID: '',
  bboxX: '',
  bboxY: '',
  bboxWidth: '',
  bboxHeight: '',
  classificationMethod: '',
  classificationProbability: '',
  observationComments: '',
  ...more,
});

function csv(rows: Row[]): string {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const quoted = (value: string | number | undefined): string => `"${String(value ?? '').replaceAll('"', '""')}"`;
  return `${[header.join(','), ...rows.map((row) => header.map((name) => quoted(row[name])).join(','))].join('\r\n')}\r\n`;
}

/** Files of a package by path. */
export function packageFiles({ descriptor = {}, ...parts }: PackageParts): Record<string, Buffer | string> {
  const media = parts.media === undefined ? [medium('m1')] : parts.media;
  const resource = (name: string) => ({
    name,
    path: `${name}.csv`,
    profile: 'tabular-data-resource',
    schema: 'https://example.org/1.0.2/x',
  });
  const said = {
    profile: 'https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/camtrap-dp-profile.json',
    id: 'test-package',
    title: 'A test package',
    created: '2024-07-01T00:00:00Z',
    contributors: [{ title: 'Somebody' }],
    project: {
      ...{ title: 'Test', samplingDesign: 'targeted', captureMethod: ['activityDetection'] },
      ...{ individualAnimals: true, observationLevel: ['media', 'event'] },
    },
    spatial: { type: 'Point', coordinates: [-90.7, 43.5] },
    temporal: { start: '2024-05-01', end: '2024-06-01' },
    taxonomic: [{ scientificName: 'Odocoileus virginianus' }],
    resources: ['deployments', 'media', 'observations'].map(resource),
    ...descriptor,
  };
  return {
    'datapackage.json': JSON.stringify(said),
    'deployments.csv': csv(parts.deployments ?? [deployment()]),
    ...(media === null ? {} : { 'media.csv': csv(media) }),
    'observations.csv': csv(parts.observations ?? [observation('o1', { mediaID: 'm1' })]),
    ...parts.files,
  };
}

const made: string[] = [];

/** A new folder that removeFolders() takes away. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-package-'));
  made.push(folder);
  return folder;
}

export const removeFolders = (): void => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
};

/** Writes the package into a new folder and returns it. */
export function writePackage(parts: PackageParts): string {
  const folder = newFolder();
  for (const [path, content] of Object.entries(packageFiles(parts))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
