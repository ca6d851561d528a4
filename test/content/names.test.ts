// Long names without a space and letters without a glyph: nothing of a page leaves it, and nothing
// is an empty box.
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import { type Shot, type World, world } from './fixture.ts';
import { extentOf, pagesOf } from './pdf-text.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const squeezed = (pdf: Buffer): string => pagesOf(pdf).join('').replace(/\s/g, '');

/** Some events of a class, a deer and two cameras that are all called what they are called. */
async function season(name: string): Promise<void> {
  const shots: Shot[] = [];
  for (let n = 0; n < 24; n += 1) {
    shots.push({
      at: new Date(Date.UTC(2024, 0, 1 + n, 12)).toISOString(),
      place: n % 2 === 0 ? name : 'South',
      class: n % 3 === 0 ? name : 'doe',
      deer: n % 4 === 0 ? name : null,
    });
  }
  await earth.add(shots);
  for (const place of [name, 'South']) await earth.deploy(place, '2023-12-01T00:00:00Z', '2024-03-01T00:00:00Z');
}

const january: Partial<PdfRequest> = { start_date: '2024-01-01', end_date: '2024-01-31', group_by: 'week' };
const compared = (label: string): Partial<PdfRequest> => ({
  ...january,
  report_type: 'comparison',
  comparison_periods: [1, 8, 15, 20, 22].map((day, index) => ({
    start_date: `2024-01-${String(day).padStart(2, '0')}`,
    end_date: `2024-01-${day + 6}`.replace(/-(\d)$/, '-0$1'),
    label: index % 2 === 0 ? label : 'Short',
  })),
});

test.each([
  ['a label of 60 letters', 'Fruehjahrsbestandsaufnahme_Revier_Nordwest_2023_Zaehlung_I_A'],
  ['the widest letters', 'W'.repeat(60)],
  ['a camera of 132 letters', 'Nordhang_Wildwechsel_Kamera_2023_Reconyx_HyperFire2_SN12345_'.repeat(3).slice(0, 132)],
])('%s keeps every table and sentence on the page, whole', async (_, name) => {
  await season(name);
  const pdf = await report(earth, {
    ...compared(name.slice(0, 60)),
    title: name.slice(0, 120),
    locations: [name, 'South'],
  });
  const { left, right } = extentOf(pdf);
  expect(left).toBeGreaterThanOrEqual(45);
  // The margin is at 549.28; a wrapped line may carry a space beyond it.
  expect(right).toBeLessThanOrEqual(552);
  const words = squeezed(pdf);
  for (const head of ['ChangefromA', 'Lastimage', 'Lastseen', 'Events/100TN']) expect(words).toContain(head);
  expect(words).toContain(name);
  expect(words).toContain(`Themostactivecamerarelativetoeffortwas`);
});

test('words that fit are never cut, only wrapped between words', async () => {
  await season('Nordwest Wildwechsel am Forsthaus');
  const words = wordsOf(
    await report(earth, {
      ...compared('Fruehjahr Bestandsaufnahme Revier'),
      title: 'Fruehjahrsbestandsaufnahme im Nordwesten',
    }),
  );
  for (const word of [
    'Wildwechsel',
    'Forsthaus',
    'Bestandsaufnahme',
    'Fruehjahrsbestandsaufnahme',
    'Detections',
    'Nordwesten',
  ]) {
    expect(words).toContain(word);
  }
});

test('letters that the typeface of the report does not have are shown by their numbers, and the report says what these are', async () => {
  await season('北山 3 Кабан');
  await earth.add([{ at: '2024-01-05T18:00:00Z', class: 'deer 🦌\u{fe0f}' }]);
  const page = wordsOf(await report(earth, { ...january, title: 'activity "鹿" 2024' }));
  expect(page).toContain('U+5317 U+5C71 3 Кабан');
  expect(page).toContain('deer U+1F98C');
  expect(page).toContain('activity "U+9E7F" 2024');
  expect(page).toContain('U+ followed by digits is the Unicode number of a letter');
  expect(page).not.toMatch(/[北山鹿]/);
  await earth.clear();
  await season('Ståhl & Łoś, Олень');
  expect(wordsOf(await report(earth, january))).not.toContain('U+');
});

test('no control character of a name or title is in the text of a report', async () => {
  const evil = 'A\u001b[2J\u009b31m\u202eB\u2028C\u0007D';
  await earth.clear();
  await earth.add(
    [0, 40].map((minutes) => ({
      at: `2024-01-05T18:${10 + minutes}:00Z`,
      place: evil,
      class: `doe ${evil}`,
      deer: evil,
    })),
  );
  const page = wordsOf(await report(earth, { ...january, title: evil }));
  expect(page).toContain('[2J');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(page.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g)).toBeNull();
});

test('a heading is on the same page as what it is about', async () => {
  await season('North');
  const silent = Array.from({ length: 45 }, (_, n) => `Silent camera on the ridge number ${n}`);
  for (const place of silent) await earth.deploy(place, '2023-12-01T00:00:00Z', '2024-03-01T00:00:00Z');
  // Every camera asked for is a line of the first page: however far that is filled, no page ends
  // with a heading.
  for (let lines = 0; lines <= silent.length; lines += 9) {
    const locations = ['North', 'South', ...silent.slice(0, lines)];
    for (const parts of [{}, { include_charts: false }]) {
      const pages = pagesOf(await report(earth, { ...january, group_by: 'day', locations, title: 'Count', ...parts }));
      for (const page of pages) {
        const body = page.replace(/\s+/g, ' ').split(' Count | 1 Jan')[0];
        expect(body).not.toMatch(/not by themselves\. *$/);
      }
    }
  }
});
