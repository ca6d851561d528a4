// The order of rows in which blocks of pairs hold one kind of pair each: by group, then by burst,
// so that few blocks need a look at labels.

/** Number of each label in order of first use, -1 kept: equal labels stay equal. */
function renumber(labels: Int32Array): Int32Array {
  const numbers = new Map<number, number>();
  return labels.map((label) => {
    if (label < 0) return -1;
    let number = numbers.get(label);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(label, number);
    }
    return number;
  });
}

/** Stable counting sort of `rows` by key[row] >= -1. */
function sortBy(rows: Int32Array, key: Int32Array): Int32Array {
  const starts = new Int32Array(rows.length + 2);
  for (const row of rows) starts[key[row]! + 2]!++;
  for (let k = 1; k < starts.length; k++) starts[k]! += starts[k - 1]!;
  const sorted = new Int32Array(rows.length);
  for (const row of rows) sorted[starts[key[row]! + 1]!++] = row;
  return sorted;
}

/**
 * @param groups animal of each row, -1 = unknown
 * @param bursts burst of each row, -1 = none
 * @returns rows in their new order, and in that order group and burst of each, numbered so that
 *   neighbours have neighbouring numbers.
 */
export function orderRows(
  groups: Int32Array,
  bursts: Int32Array,
): { order: Int32Array; groups: Int32Array; bursts: Int32Array } {
  const group = renumber(groups);
  const burst = renumber(bursts);
  // Bursts of unknown rows that also hold a row of an animal are kept together.
  const animal = new Int32Array(groups.length).fill(-1);
  burst.forEach((number, row) => {
    if (number >= 0) animal[number] = Math.max(animal[number]!, group[row]!);
  });
  const burstAnimal = burst.map((number) => (number < 0 ? -1 : animal[number]!));
  let order: Int32Array = Int32Array.from(groups.keys());
  for (const key of [burst, burstAnimal, group]) order = sortBy(order, key);
  return { order, groups: order.map((row) => group[row]!), bursts: renumber(order.map((row) => burst[row]!)) };
}
