// Capture-recapture against published examples (SURVEY.md section 4), with and without ghosts.
import { correctChao, fitM0, type Histories, makeM0Room, makeUnmixed } from '../../lib/survey/counts/corrected.ts';
import {
  countCaptures,
  estimateChapman,
  estimateM0,
  estimateModels,
  estimateMt,
  estimateSchnabel,
} from '../../lib/survey/counts/models.ts';
import { binomial, solveTriangle, xFromMatrix } from './twins.ts';

/** Snowshoe hares (Otis et al. 1978). */
const HARES = {
  ...{ t: 6, n: 68, f: [0, 25, 22, 13, 5, 1, 2] },
  ...{ perOccasion: [16, 28, 20, 26, 23, 32], first: [16, 24, 9, 9, 6, 4] },
};
/** Tigers of Kanha (Karanth and Nichols 1998). */
const KANHA = {
  ...{ t: 10, n: 26, f: [0, 10, 6, 6, 2, 2, 0, 0, 0, 0, 0], perOccasion: [5, 5, 3, 13, 7, 4, 4, 4, 5, 8] },
  first: [26, 0, 0, 0, 0, 0, 0, 0, 0, 0],
};
const HALVES = { first: 40, second: 50, both: 22 };

const histories = ({ t, n, f }: { t: number; n: number; f: number[] }): Histories => ({
  ...{ t, n, f: Int32Array.from(f), events: countCaptures(f), singles: f[1]!, repeats: Int32Array.from([0, 1]) },
});
const correct = (of: Histories, e: number) => correctChao(of, e, makeUnmixed());
const m0 = (of: Histories, e: number): number => fitM0(of, correct(of, e), makeM0Room(of.t)).estimate;
const round = (value: number | null, digits: number): number => Number(value!.toFixed(digits));

describe('identities as they are', () => {
  const hares = new Map(estimateModels(HARES, HALVES).map((row) => [row.model, row]));

  test.each([
    ['M0', 75.434, 3.455, 3],
    ['Mt (Darroch)', 75.066, 3.352, 3],
    ['Mh (Chao)', 78.87, 5.79, 2],
  ] as const)('hares, %s: %d +- %d', (model, estimate, se, digits) => {
    const found = hares.get(model)!;
    expect([round(found.estimate, digits), round(found.se, digits)]).toEqual([estimate, se]);
  });

  test('hares: the interval of Chao, the jackknife of each order, Schnabel', () => {
    const chao = hares.get('Mh (Chao)')!;
    expect([round(chao.lower, 2), round(chao.upper, 2)]).toEqual([72.08, 96.95]);
    expect([1, 2, 3].map((k) => round(hares.get(`Mh (jackknife ${k as 1})`)!.estimate, 2))).toEqual([
      88.83, 93.77, 93.79,
    ]);
    expect(estimateSchnabel(HARES.perOccasion, HARES.first)).toBe(5904 / 77);
    expect(round(hares.get('Schnabel')!.estimate, 2)).toBe(76.68);
  });

  test('tigers: M0, Mt and the jackknife', () => {
    const found = new Map(estimateModels(KANHA, HALVES).map(({ model, estimate }) => [model, estimate]));
    expect(round(found.get('M0')!, 3)).toBe(29.183);
    expect(round(found.get('Mt (Darroch)')!, 3)).toBe(28.782);
    expect([1, 2, 3].map((k) => round(found.get(`Mh (jackknife ${k as 1})`)!, 2))).toEqual([35, 38.73, 41.59]);
  });

  test('Chapman on two samples (Seber 1982)', () => {
    const { estimate, se } = estimateChapman(781 + 167, 254 + 167, 167);
    expect([round(estimate, 2), round(se, 2)]).toEqual([2382.8, 129.06]);
  });

  test('M0 and Mt solve their equations, and say when there is no finite number', () => {
    const { estimate: N } = estimateMt(HARES.n, HARES.perOccasion)!;
    expect(HARES.perOccasion.reduce((product, nj) => product * (1 - nj / N), 1)).toBeCloseTo(1 - HARES.n / N, 12);
    expect(estimateM0(5, 5, 6)).toBeNull();
    expect(estimateMt(5, [1, 1, 1, 1, 1])).toBeNull();
    const once = { t: 5, n: 5, f: [0, 5, 0, 0, 0, 0], perOccasion: [1, 1, 1, 1, 1], first: [1, 1, 1, 1, 1] };
    const rows = estimateModels(once, { first: 3, second: 2, both: 0 });
    expect(
      rows.filter(({ reason }) => reason === 'nothing was seen on two occasions').map(({ model }) => model),
    ).toEqual(['M0', 'Mt (Darroch)', 'Schnabel', 'Chapman']);
  });
});

describe('ghosts taken out', () => {
  test('hares: corrected M0 at theta 1, .95, .90, .85, .80', () => {
    const found = [0, 0.05, 0.1, 0.15, 0.2].map((e) => round(m0(histories(HARES), e), 3));
    expect(found).toEqual([75.434, 68.916, 62.51, 56.543, 51.238]);
  });

  test('tigers: corrected M0 at theta 1, .95, .90, .80', () => {
    expect([0, 0.05, 0.1, 0.2].map((e) => round(m0(histories(KANHA), e), 3))).toEqual([29.183, 26.384, 23.643, 19.052]);
  });

  test.each([
    [0.05, 4.0526, [19.825, 21.761, 13.545, 5.651, 0.582, 2.585], 70.779],
    [0.1, 8.5556, [14.154, 21.436, 14.049, 6.588, -0.169, 3.387], 62.902],
  ])('hares at e %d: ghosts %d, frequencies, Chao', (e, ghosts, x, chao) => {
    const of = histories(HARES);
    const un = correct(of, e);
    expect(round(un.ghosts, 4)).toBe(ghosts);
    expect([round(un.x1, 3), round(un.x2, 3)]).toEqual(x.slice(0, 2));
    expect(round(un.chao, 3)).toBe(chao);
    // The matrix form gives all of them; only here, because from it a bootstrap explodes.
    const whole = xFromMatrix(
      [...of.f].map((count, m) => (m === 1 ? count - un.ghosts : count)),
      1 - e,
    );
    expect(whole.slice(1).map((value) => round(value, 3))).toEqual(x);
    expect(whole.reduce((sum, value) => sum + value, 0)).toBeCloseTo(un.seen, 9);
    expect([un.x1, un.x2]).toEqual([expect.closeTo(whole[1]!, 9), expect.closeTo(whole[2]!, 9)]);
  });

  test('the matrix of misses is solved', () => {
    expect(
      solveTriangle(
        [
          [2, 1],
          [0, 4],
        ],
        [4, 8],
      ),
    ).toEqual([1, 2]);
  });

  test('N 40, t 14, p .15, theta .9: identities expected, naive M0 on them, and the fit', () => {
    const [N, t, p, e] = [40, 14, 0.15, 0.1];
    const mu = Array.from({ length: t + 1 }, (_, m) => (m === 0 ? 0 : expectIdentities(N, t, p, e, m)));
    expect(mu.slice(1, 7).map((value) => round(value, 4))).toEqual([16.2185, 12.0778, 7.7021, 3.3482, 1.0541, 0.2483]);
    const n = mu.reduce((sum, value) => sum + value, 0);
    expect(round(n, 4)).toBe(40.7003);
    expect(round(estimateM0(n, countCaptures(mu), t)!.estimate, 4)).toBe(48.1909);
    const of = { t, n, f: mu, events: countCaptures(mu), singles: mu[1]!, repeats: [0, 1] } as unknown as Histories;
    const fit = fitM0(of, correct(of, e), makeM0Room(t));
    expect([round(fit.estimate, 4), round(fit.p, 6)]).toEqual([40, 0.15]);
  });

  test('with several events an occasion the fit returns the numbers that its model was given', () => {
    const [N, t, p, e, rho, missed] = [40, 14, 0.15, 0.1, 2.4, 0.03];
    const f = Array.from({ length: t + 1 }, (_, m) => (m === 0 ? 0 : expectIdentities(N, t, p, e, m, rho, missed)));
    const n = f.reduce((sum, value) => sum + value, 0);
    const of = { t, n, f, events: 0, singles: 0, repeats: [] } as unknown as Histories;
    const un = { ...makeUnmixed(), rate: e, rho, occasionRate: missed };
    const fit = fitM0(of, un, makeM0Room(t));
    expect([fit.estimate, fit.p]).toEqual([expect.closeTo(40, 5), expect.closeTo(0.15, 7)]);
  });
});

/** N mu_m by its definition, with ghosts among the identities of one occasion. */
function expectIdentities(N: number, t: number, p: number, e: number, m: number, rho = 1, missed = e): number {
  let sum = 0;
  for (let k = 1; k <= t; k++) {
    const linked = m <= k ? binomial(k - 1, m - 1, 1 - missed) : 0;
    sum += binomial(t, k, p) * (linked + (m === 1 ? e * (k * rho - 1) : 0));
  }
  return N * sum;
}
