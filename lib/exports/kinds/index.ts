// The kinds of export. A kind that is listed here has its names, downloads, messages and part of
// the API's documentation; the compiler then asks lib/wiring.ts for its renderer.
import { importKind } from '../import/kind.ts';
import { importContract } from '../import/request.ts';
import { occupancyKind } from '../occupancy/kind.ts';
import { occupancyContract } from '../occupancy/request.ts';
import { pdfKind } from '../pdf/kind.ts';
import { pdfContract } from '../pdf/request.ts';
import { reidKind } from '../reid/kind.ts';
import { reidContract } from '../reid/request.ts';
import type { ExportRequest, KindFacts, RequestContract } from '../shared/kind.ts';
import type { Renderer } from '../shared/renderer.ts';
import { zipKind } from '../zip/kind.ts';
import { zipContract } from '../zip/request.ts';

const FACTS = [pdfKind, zipKind, occupancyKind, reidKind, importKind] as const;
export type ExportKind = (typeof FACTS)[number]['kind'];
export type Kind = KindFacts & { kind: ExportKind };
export const KINDS: readonly Kind[] = FACTS;

/** Apart from KINDS: a function that only names files carries no schema (bundles.test.ts). */
export const CONTRACTS = {
  pdf: pdfContract,
  zip: zipContract,
  occupancy: occupancyContract,
  reid: reidContract,
  import: importContract,
} as const satisfies { [K in ExportKind]: RequestContract<K, ExportRequest> };

type RequestOf<K extends ExportKind> = NonNullable<(typeof CONTRACTS)[K]['value']>;
/** What makes the file of each kind. */
export type Renderers = { readonly [K in ExportKind]: Renderer<RequestOf<K>> };

/** The facts of a kind, or undefined for any other text. */
export const findKind = (name: unknown): Kind | undefined => KINDS.find(({ kind }) => kind === name);
