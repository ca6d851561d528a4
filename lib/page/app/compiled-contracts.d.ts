// Made by scripts/build-page.ts from the contracts of the service.
declare module 'compiled-contracts' {
  import type { Validate } from '../../problems.ts';
  export const pdf: Validate;
  export const zip: Validate;
  export const occupancy: Validate;
  export const schemas: Record<'pdf' | 'zip' | 'occupancy', object>;
}
