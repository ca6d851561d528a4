// What to know of clocks and deployments before using the numbers of the cameras.
import type { Content } from 'pdfmake/interfaces.js';
import { yearsOf } from '../season/doubts.ts';
import type { Season } from '../season/index.ts';
import { count } from './words.ts';

/** Cameras whose clock was wrong, and deployments that are told apart for want of a camera id. */
export function doubts(season: Season): Content[] {
  const said: string[] = [];
  const misdated = season.cameras.flatMap(({ name, misdated: found }) =>
    found === undefined ? [] : [{ name, ...found }],
  );
  if (misdated.length > 0) {
    const listed = misdated.map((one) => `${one.name} ${count(one.images)} (${yearsOf(one)})`).join(', ');
    said.push(
      `Images dated outside their deployment (wrong camera clock); only those dated within the period are in this report: ${listed}.`,
    );
  }
  if (season.overlaps.length > 0)
    said.push(
      `Overlapping deployments without a camera ID count as separate cameras, and their trap nights are added: ${season.overlaps.join(', ')}.`,
    );
  return said.map((text) => ({ text, style: 'small', margin: [0, 3, 0, 0] }));
}
