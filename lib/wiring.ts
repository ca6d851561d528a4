// Joins what is heavy: renderers and the Re-ID functions, each made once, on first use. No logic.
import { join } from 'node:path';
import { type Crops, sharpCrops } from './adapters/crops/crops.ts';
import { measureSharpness } from './adapters/crops/sharpness.ts';
import { storeCrops } from './adapters/crops/store.ts';
import { type Database, postgres } from './adapters/postgres.ts';
import { type Files, s3Files } from './adapters/s3.ts';
import {
  announceEnd,
  backgroundJobs,
  clock,
  connect,
  database,
  exportQueue,
  files,
  images,
  limits,
  once,
  parkedQueue,
} from './clients.ts';
import { config } from './config.ts';
import { importPackage } from './data/camtrap-dp/import.ts';
import { warnOfDemo } from './data/camtrap-dp/notes.ts';
import { makeLocator } from './deer/coordinates.ts';
import { importRenderer } from './exports/import/renderer.ts';
import type { Ports } from './exports/job/ports.ts';
import { CONTRACTS, type ExportKind, KINDS } from './exports/kinds/index.ts';
import { renderOccupancy } from './exports/occupancy/renderer.ts';
import { renderAhead } from './exports/pdf/ahead.ts';
import type { FacePorts } from './exports/pdf/faces.ts';
import { pdfRenderer } from './exports/pdf/renderer.ts';
import { reidRenderer } from './exports/reid/renderer.ts';
import { zipRenderer } from './exports/zip/renderer.ts';
import { problemFinder } from './lambda/validate.ts';
import { log } from './log.ts';
import type { Pictures } from './reid/analysis/pictures.ts';
import type { ReidPorts } from './reid/index.ts';
import { makeAnalyses } from './reid/jobs.ts';

/** Statements of an import write a thousand rows each, and may wait for another import. */
const importDatabase = /* @__PURE__ */ once<Database>(() =>
  connect(postgres({ url: config('DATABASE_URL'), queryTimeout: 300_000, connections: 2 })),
);

type Find = ReturnType<typeof problemFinder>;

const crops = /* @__PURE__ */ once<Crops>(sharpCrops);

/** By kind. Rules about today were the concern of the POST: a job may have waited since. */
const requestProblems = /* @__PURE__ */ once(
  () => new Map(KINDS.map(({ kind }): [ExportKind, Find] => [kind, problemFinder({ schema: CONTRACTS[kind].schema })])),
);

const facePorts = /* @__PURE__ */ once<FacePorts>(() => {
  const folder = config('ENGINES_FOLDER');
  const store = folder === '' ? undefined : storeCrops({ folder: join(folder, 'crops') });
  return { crops: crops(), store, sharpness: measureSharpness };
});

export const generatePorts = /* @__PURE__ */ once<Ports>(() => ({
  jobs: backgroundJobs(),
  queue: exportQueue(),
  parked: parkedQueue(),
  announceEnd,
  files: files(),
  database: database(),
  images: images(),
  findProblems: (kind, request) => requestProblems().get(kind)!(request, undefined),
  renderers: {
    pdf: pdfRenderer(facePorts()),
    zip: zipRenderer({ metadata: config('CAMTRAP_DP_PACKAGE'), crops: crops() }),
    occupancy: renderOccupancy,
    reid: reidRenderer(makeAnalyses(reidPorts, problemFinder)),
    import: importRenderer(files(), async (file, work) => {
      const summary = await importPackage(file, {
        database: importDatabase(),
        imageRoot: config('IMAGE_ROOT'),
        ...work,
      });
      return { ...summary, notes: [...summary.notes, ...(await importDatabase().read(warnOfDemo))] };
    }),
  },
  limits: limits(),
  precision: config('COORDINATES'),
  timeZone: config('TIME_ZONE'),
  clock,
}));

/** What the first report would otherwise wait for. */
export const prepareExports = (): Promise<void> => {
  const { database: from, images: pictures, renderers, precision, timeZone } = generatePorts();
  const locator = makeLocator(precision);
  return renderAhead(renderers.pdf, { database: from, images: pictures, timeZone, locator, clock });
};

const reportFiles = /* @__PURE__ */ once<Files>(() =>
  s3Files({ bucket: config('EXPORTS_BUCKET'), publicEndpoint: config('S3_PUBLIC_ENDPOINT'), timeout: 10_000 }),
);
export const reidPorts = /* @__PURE__ */ once<ReidPorts>(() => ({
  database: database(),
  files: reportFiles(),
  currentThreshold: config('REID_THRESHOLD'),
  timeZone: config('TIME_ZONE'),
  outputRoot: config('OUTPUT_ROOT'),
  ttlSeconds: limits().ttlSeconds,
  clock,
  say: (step, fields) => log.info('reid', { step, ...fields }),
}));
/** Apart from the ports: only a function that shows pictures carries the library that cuts them. */
export const reidPictures = /* @__PURE__ */ once<Pictures>(() => ({ images: images(), cut: crops().cut }));
