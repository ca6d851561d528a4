// Made by scripts/build-page.ts from the contracts of the service and the facts of its kinds.
declare module 'compiled-contracts' {
  type Validate = import('../../../problems.ts').Validate;
  export const pdf: Validate;
  export const zip: Validate;
  export const occupancy: Validate;
  export const schemas: Record<'pdf' | 'zip' | 'occupancy', object>;

  export interface JobKind {
    kind: string;
    /** Path of its jobs, below the service. */
    path: string;
    /** What a key must allow to ask for one, and to cancel it. */
    scope: string;
    /** Whether what a job was asked with is gone once it is done. */
    usesUp?: true;
  }
  export const jobKinds: readonly JobKind[];
}
