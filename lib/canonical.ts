// One text for values that are equal: independent of the order of their keys.

function order(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(order);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, order(part)]),
  );
}

export const canonicalJson = (value: unknown): string => JSON.stringify(order(value));
