// The shape of a bounding box, as databases hold it and as the cutter of crops takes it.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const isBox = (value: unknown): value is Box =>
  typeof value === 'object' &&
  value !== null &&
  (['x', 'y', 'width', 'height'] as const).every((key) => Number.isFinite((value as Record<string, unknown>)[key]));
