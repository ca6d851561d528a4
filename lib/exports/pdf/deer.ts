// The sections on individuals: known deer, and animals that are not deer.
import type { Content } from 'pdfmake/interfaces.js';
import { count, day, listWords, number } from '../../format.ts';
import type { Season } from '../season/index.ts';
import { rate } from './labels.ts';
import { footnote, section } from './layout/style.ts';
import { numeric, table } from './layout/table.ts';

export function deerSection(season: Season): Content[] {
  if (season.deer.length === 0) {
    return [section('Known deer', 'No detection in this report is assigned to a known deer.')];
  }
  return [
    table(
      [
        { head: 'Deer', width: '*' },
        { head: 'Sex', width: 'auto' },
        ...['Detections', 'Events', 'Cameras', 'Days seen'].map(numeric),
        { head: 'First seen', width: 'auto' },
        { head: 'Last seen', width: 'auto' },
      ],
      season.deer.map((deer) => [
        deer.label,
        deer.sex,
        ...[deer.detections, deer.events, deer.locations, deer.days].map((value) => number(value)),
        day(deer.first),
        day(deer.last),
      ]),
      {
        text: 'Known deer',
        lead: `${count(season.total.individuals, 'deer')} with ${count(season.total.assigned, 'assigned detection')}. Events are counted for each deer. Unassigned detections may show the same deer.`,
      },
    ),
  ];
}

/** Known deer named in the note on other animals. */
const MISTAKEN_NAMED = 8;

/** Other animals than deer, where the report counts deer; empty where there are none. */
export function otherAnimalsSection({ others, mistaken }: Season): Content[] {
  if (others.length === 0) return [];
  const assigned = others.reduce((sum, row) => sum + row.assigned, 0);
  const listed = table(
    [
      { head: 'Class', width: '*' },
      ...['Detections', 'Events', 'Cameras', 'Trap nights', 'Events / 100 TN'].map(numeric),
      { head: 'First seen', width: 'auto' },
      { head: 'Last seen', width: 'auto' },
    ],
    others.map((row) => [
      row.name,
      ...[row.detections, row.events, row.cameras].map((value) => number(value)),
      number(row.nights, 1),
      rate(row.per100),
      day(row.first),
      day(row.last),
    ]),
    {
      text: 'Other animals',
      lead: 'Classes that are not deer. They are not included in any other number of this report.',
    },
  );
  if (assigned === 0) return [listed];
  const note = `${count(assigned, 'detection')} of other animals ${assigned === 1 ? 'is' : 'are'} assigned to known deer (${listWords(mistaken, MISTAKEN_NAMED)}): either the class or the assignment is wrong.`;
  // A few rows and the note stay on one page.
  return [{ stack: [listed, footnote(note)], unbreakable: others.length <= 12 }];
}
