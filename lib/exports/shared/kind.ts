// What every kind of export says of itself: light facts for names, downloads and status, and the
// contract of its requests, which only POST, the consumer and the documentation load.
import type { Contract } from '../../contract.ts';

/** The part of a request that an export's life looks at, whatever the kind. */
export interface ExportRequest {
  start_date?: string;
  end_date?: string;
  classifications?: string[];
  locations?: string[];
  /** Fields of its kind alone. */
  [field: string]: unknown;
}

/** Facts without a schema: functions that only name files must not load the schema library. */
export interface KindFacts {
  /** Part of the address, of messages and of records. */
  kind: string;
  /** With its article, as the API's documentation says it: `a PDF report`. */
  label: string;
  /** Path of its jobs: `/api/exports/pdf`, and `/api/exports/pdf/{job_id}` for their status. */
  path: string;
  /** What its paths call the id of a job, if not job_id. */
  parameter?: string;
  /** Where several things may be asked for: what the path of each goes on with. */
  asks?: readonly string[];
  /** What a key must allow to ask for it, and to cancel it. */
  scope: 'exports' | 'reid' | 'import';
  /** Whether what was asked with is gone once the job is done, so that nobody can ask again. */
  usesUp?: true;
  contentType: string;
  /** What file names begin with; no other kind has the same stem and extension. */
  fileStem: string;
  extension: string;
  /** A second file of each job, in the same folder: what the first one shows, for programs. */
  result?: { readonly name: string; readonly contentType: string };
  /** Of a page: what it may do in a browser, from its beginning. */
  readPolicy?: (head: string) => string | undefined;
}

/** What may be asked of a kind; the circumstance of its rules is today's date in TIME_ZONE. */
export interface RequestContract<Kind extends string, Request extends ExportRequest> extends Contract<Request, string> {
  kind: Kind;
  /** What a request asks for, in the API's documentation. */
  description: string;
  /** Named requests that are valid, for the API's documentation. */
  examples: Readonly<Record<string, Request>>;
}
