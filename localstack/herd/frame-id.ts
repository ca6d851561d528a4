// Ids of demo frames. The UUID (version 8: custom) says which herd a frame belongs to and where, so
// that its picture can be drawn from its path alone: seed 32 bits, number of detections 28, index
// 24, random 36.
import type { Random } from './random.ts';

export function makeFrameId(dice: Random, seed: number, detections: number, index: number): string {
  const [s, d, i] = [
    seed.toString(16).padStart(8, '0'),
    detections.toString(16).padStart(7, '0'),
    index.toString(16).padStart(6, '0'),
  ];
  return `${s}-${d.slice(0, 4)}-8${d.slice(4)}-8${i.slice(0, 3)}-${i.slice(3)}${dice.uuid().slice(0, 8)}0`;
}

/** What a frame's id says, or undefined when it is not the id of a demo frame. */
export function readFrameId(id: string): { seed: number; detections: number; index: number } | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-8([0-9a-f]{3})-([0-9a-f]{3})[0-9a-f]{9}$/.exec(id);
  if (match === null) return undefined;
  const hex = (...groups: number[]): number => Number.parseInt(groups.map((group) => match[group]).join(''), 16);
  return { seed: hex(1), detections: hex(2, 3), index: hex(4, 5) };
}
