// What a deer is called on a page: its name, or a short id where it has none.

export interface Unlabeled {
  /** UUID. */
  id: string;
  name: string | null;
}

/** Hexadecimal digits of a short id at least. */
const SHORTEST = 4;
/** Digits of the first block of a UUID. */
const FIRST_BLOCK = 8;

/** The name as it is printed; undefined where it is null, blank, or has nothing visible. */
export const trimName = (name: string | null | undefined): string | undefined =>
  /[^\s\p{C}\p{Default_Ignorable_Code_Point}]/u.test(name ?? '') ? name?.trim() : undefined;

const hex = (id: string): string => id.toLowerCase().replace(/[^0-9a-z]/g, '');

/**
 * Labels by id: the name where there is one, else `deer 3fa9`, the first digits of the id, or its
 * last digits where ids begin alike (numbered by a program); as many as make the label unique.
 */
export function makeShortNames(deer: readonly Unlabeled[]): Map<string, string> {
  const labels = new Map<string, string>();
  const unnamed = [...new Set(deer.filter(({ name }) => trimName(name) === undefined).map(({ id }) => id))];
  for (const { id, name } of deer) {
    const given = trimName(name);
    if (given !== undefined) labels.set(id, given);
  }
  const beginnings = new Set(unnamed.map((id) => hex(id).slice(0, FIRST_BLOCK)));
  const pick =
    beginnings.size === unnamed.length
      ? (id: string, n: number) => hex(id).slice(0, n)
      : (id: string, n: number) => hex(id).slice(-n);
  const taken = new Map<string, number>();
  for (const label of labels.values()) taken.set(label.toLowerCase(), 2);
  for (const id of unnamed) {
    for (let n = SHORTEST; n <= hex(id).length; n += 1) {
      const label = `deer ${pick(id, n)}`;
      taken.set(label, (taken.get(label) ?? 0) + 1);
    }
  }
  for (const id of unnamed) {
    let n = SHORTEST;
    while (n < hex(id).length && (taken.get(`deer ${pick(id, n)}`) ?? 0) > 1) n += 1;
    labels.set(id, `deer ${pick(id, n)}`);
  }
  return labels;
}
