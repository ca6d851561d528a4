// The composition of the herd: fawns and bucks for each 100 does, by events and by animals, apart
// for places with and without bait. Pure.
import { count, listWords, number, percent } from '../../format.ts';
import { makeRatio, type PlaceCounts } from './ratios.ts';
import {
  type Composition,
  type CompositionGroup,
  HERD_CLASSES,
  type HerdClass,
  type Ratios,
  type SurveyData,
  type SurveyEvent,
  type SurveyPlace,
} from './types.ts';

/** A ratio needs this many doe events in all; a place with fewer than FEW_AT_PLACE is named. */
export const FEWEST_DOES = 30;
export const FEW_AT_PLACE = 10;
/** Where so many events show more than one animal, the ratio by animals is the headline. */
const SEVERAL = 0.1;

type Weigh = (event: SurveyEvent) => number;
const byEvents: Weigh = () => 1;
const byAnimals: Weigh = ({ most }) => most;

function tally(events: readonly SurveyEvent[], weigh: Weigh): Record<HerdClass, number> {
  const counts: Record<HerdClass, number> = { buck: 0, doe: 0, fawn: 0, unknown: 0 };
  for (const event of events) counts[event.class] += weigh(event);
  return counts;
}

/** Why a report has no ratio, or null. */
function refuse(events: Record<HerdClass, number>, { classifications }: SurveyData): string | null {
  if (classifications !== null)
    return 'This report shows only some classes. A ratio needs all deer classes: leave out the class filter.';
  const known = events.buck + events.doe + events.fawn;
  if (known === 0) return 'No event has a sex: classes such as buck, doe and fawn are needed for a ratio.';
  if (events.doe >= FEWEST_DOES) return null;
  return `${count(events.doe, 'doe event')} ${events.doe === 1 ? 'is' : 'are'} too few for a ratio: it needs at least ${FEWEST_DOES}.`;
}

/** What belongs together: events and places with the same bait. */
interface Part {
  bait: CompositionGroup['bait'];
  events: readonly SurveyEvent[];
  places: readonly SurveyPlace[];
}

function makeGroup({ bait, events, places }: Part, data: SurveyData): CompositionGroup {
  const inEvents = tally(events, byEvents);
  const atPlaces = Map.groupBy(events, ({ place }) => place);
  const ids = new Set(places.map(({ id }) => id));
  const unplaced = events.filter(({ place }) => place === null || !ids.has(place));
  const ratio = (name: HerdClass, weigh: Weigh) => {
    const counts = (found: readonly SurveyEvent[]): PlaceCounts => {
      const { [name]: a, doe: b } = tally(found, weigh);
      return { a, b };
    };
    return makeRatio(
      places.map(({ id }) => counts(atPlaces.get(id) ?? [])),
      counts(unplaced),
    );
  };
  const ratios = (name: HerdClass): Ratios => ({ events: ratio(name, byEvents), animals: ratio(name, byAnimals) });
  const named = events.filter((event) => event.class !== 'unknown');
  const severalShare = named.length === 0 ? 0 : named.filter(({ most }) => most > 1).length / named.length;
  const refused = refuse(inEvents, data);
  return {
    bait,
    events: inEvents,
    animals: tally(events, byAnimals),
    places: places.length,
    fewDoes: places
      .map(({ id, name }) => ({ name, does: tally(atPlaces.get(id) ?? [], byEvents).doe }))
      .filter(({ does }) => does < FEW_AT_PLACE),
    headline: severalShare >= SEVERAL ? 'animals' : 'events',
    severalShare,
    refused,
    fawns: refused === null ? ratios('fawn') : null,
    bucks: refused === null ? ratios('buck') : null,
  };
}

/** Divides a period by bait; one part where bait is the same everywhere, or nowhere recorded. */
function divide({ events, places }: SurveyData): Part[] {
  const kinds = (['yes', 'no', 'unknown'] as const).map((bait): Part => {
    const known = bait === 'unknown' ? null : bait;
    return {
      bait,
      events: events.filter((event) => event.bait === known),
      places: places.filter((place) => place.bait === known || (place.bait === 'mixed' && known !== null)),
    };
  });
  const there = kinds.filter((part) => part.events.length > 0 || part.places.length > 0);
  return there.length <= 1 ? [{ bait: null, events, places }] : there;
}

const DRAWN = 'Bait draws bucks more than does';

function writeNotes(groups: readonly CompositionGroup[], { places }: SurveyData): string[] {
  const notes: string[] = [];
  if (groups.length > 1) notes.push(`${DRAWN}: locations with and without bait are counted apart.`);
  else if (places.length > 0 && places.every(({ bait }) => bait === 'yes'))
    notes.push(`All cameras were baited. ${DRAWN}, so bucks per 100 does is likely too high.`);
  else if (places.every(({ bait }) => bait === null))
    notes.push(`Whether the cameras were baited is not recorded. ${DRAWN}, so bucks per 100 does may be too high.`);
  const all = groups.reduce((sum, { events }) => sum + HERD_CLASSES.reduce((n, name) => n + events[name], 0), 0);
  const unknown = groups.reduce((sum, { events }) => sum + events.unknown, 0);
  if (unknown > 0)
    notes.push(
      `${number(unknown)} of ${count(all, 'deer event')} (${percent(unknown / all)}) ${unknown === 1 ? 'has' : 'have'} no known sex and ${unknown === 1 ? 'is' : 'are'} left out of the ratios.`,
    );
  const few = groups.flatMap(({ refused, fewDoes }) => (refused === null ? fewDoes : []));
  if (few.length > 0) {
    const named = few.map(({ name, does }) => `${name} (${does})`);
    notes.push(
      `Locations with fewer than ${FEW_AT_PLACE} doe events, too few to say much about them: ${listWords(named, 8, 'location')}.`,
    );
  }
  return notes;
}

/**
 * Fawns and bucks for each 100 does. One count an event and class, never photographs; a place is
 * all cameras of one location. Refused with fewer than 30 doe events, or a class filter.
 */
export function makeComposition(data: SurveyData): Composition {
  const groups = divide(data).map((part) => makeGroup(part, data));
  return { groups, notes: writeNotes(groups, data) };
}
