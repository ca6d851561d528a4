// Ids and paths of events: those that earlier imports gave, and others where two cameras share one
// id.
import { standInPrefix } from '../../deer/camtrap-dp.ts';
import { ByEvent } from './events.ts';
import type { Ids } from './ids.ts';
import { pathOfNoFile } from './paths.ts';
import type { Place } from './places.ts';
import type { Prior } from './prior.ts';
import type { Cells } from './tables.ts';

export class EventIds {
  readonly #ids: Ids;
  readonly #prior: Prior;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #bursts = new ByEvent<{ id?: string }>();
  /** Places that ids and paths made of eventIDs alone belong to in this package. */
  readonly #owners = { bursts: new Map<string, string>(), paths: new Map<string, string>() };

  constructor(ids: Ids, prior: Prior, places: ReadonlyMap<string, Place>) {
    this.#ids = ids;
    this.#prior = prior;
    this.#places = places;
  }

  /**
   * One id for the sightings of one event; an eventID that another deployment has is another event.
   */
  burst(row: Cells): string | null {
    if (row.eventID === undefined) return null;
    const burst = this.#bursts.of(row, () => ({}));
    burst.id ??= this.#newBurst(row.deploymentID!, row.eventID);
    return burst.id;
  }

  #newBurst(deployment: string, event: string): string {
    const short = this.#ids.row(event);
    const before = this.#prior.bursts.get(short);
    const owner = this.#owners.bursts.get(short) ?? deployment;
    const mine =
      before === undefined ? owner === deployment : before.size === 1 && before.has(this.#placeOf(deployment));
    if (!mine) return this.#ids.named(JSON.stringify([deployment, event]));
    this.#owners.bursts.set(short, deployment);
    return short;
  }

  /**
   * Path of the image row that keeps an event, or a medium that the package does not list, and the
   * key that its id is made of.
   * @param lost mediaID of such a medium
   */
  standIn(row: Cells, lost: string | undefined): { path: string; key: string } {
    const span = `${row.deploymentID!} ${row.eventStart!} ${row.eventEnd!}`;
    const short = lost ?? row.eventID ?? span;
    const path = pathOfNoFile(this.#ids, lost === undefined ? 'event' : 'media', short);
    const place = this.#placeOf(row.deploymentID!);
    const owner = this.#prior.standIns.get(path) ?? this.#owners.paths.get(path) ?? place;
    if (owner === place) {
      this.#owners.paths.set(path, place);
      return { path, key: lost ?? `event:${short}` };
    }
    const full = JSON.stringify([row.deploymentID, lost ?? null, row.eventID ?? span]);
    return { path: `${standInPrefix(this.#ids.package)}event/${this.#ids.named(full)}`, key: `event:${full}` };
  }

  #placeOf(deployment: string): string {
    return this.#places.get(deployment)!.key;
  }
}
