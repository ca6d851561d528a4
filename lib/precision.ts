// How exactly an export says where a camera was.

/** The later, the coarser. */
export const PRECISIONS = ['exact', 'rounded', 'withheld'] as const;
export type Precision = (typeof PRECISIONS)[number];

export const coarser = (a: Precision, b: Precision | undefined): Precision =>
  b !== undefined && PRECISIONS.indexOf(b) > PRECISIONS.indexOf(a) ? b : a;
