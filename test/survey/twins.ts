// The same quantities the slow way: by definition, by matrix, by enumeration.

export function binomial(n: number, k: number, p: number): number {
  let value = 1;
  for (let i = 0; i < k; i++) value *= (n - i) / (i + 1);
  return value * p ** k * (1 - p) ** (n - k);
}

/** x of an upper triangular A x = b, by substitution from the end. */
export function solveTriangle(A: readonly (readonly number[])[], b: readonly number[]): number[] {
  const x = new Array<number>(b.length).fill(0);
  for (let row = b.length - 1; row >= 0; row--) {
    let left = b[row]!;
    for (let column = row + 1; column < b.length; column++) left -= A[row]![column]! * x[column]!;
    x[row] = left / A[row]![row]!;
  }
  return x;
}

/** A x = g with A[m, k] = Bin(m - 1; k - 1, theta); index 0 is unused. */
export function xFromMatrix(g: readonly number[], theta: number): number[] {
  const t = g.length - 1;
  const A = Array.from({ length: t }, (_, m) =>
    Array.from({ length: t }, (_, k) => (m > k ? 0 : binomial(k, m, theta))),
  );
  return [0, ...solveTriangle(A, g.slice(1))];
}

/** BetaBinomial(n; a, b) at x by numerical integration over the rate. */
export function betaBinomial(n: number, x: number, a: number, b: number): number {
  const steps = 20_000;
  let [above, below] = [0, 0];
  for (let i = 0; i < steps; i++) {
    // sin^2 takes the poles of the density away.
    const angle = ((i + 0.5) / steps) * (Math.PI / 2);
    const p = Math.sin(angle) ** 2;
    const weight = p ** (a - 0.5) * (1 - p) ** (b - 0.5);
    above += weight * binomial(n, x, p);
    below += weight;
  }
  return above / below;
}
