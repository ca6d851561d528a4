// The page where keys are needed, below a base path: signing in, a wrong key, a session that ends
// while a form is filled in, a key that may only read, and hands that tremble.
import type { Browser, Locator, Page } from 'playwright-core';
import type { Service } from '../../localstack/host/service.ts';
import { openBrowser } from '../support/browser.ts';
import { openTenantService, type TenantService } from '../support/tenant-service.ts';
import { findViolations, openScreen } from './opened.ts';

let own: TenantService;
let service: Service;
let browser: Browser;
let office: string;
let reader: string;

beforeAll(async () => {
  own = await openTenantService({
    env: { BASE_PATH: '/herd/' },
    owners: [
      ['Office <b>', 'exports,reid'],
      ['Reader', 'read'],
    ],
  });
  service = own.service;
  [office, reader] = own.keys as [string, string];
  browser = await openBrowser();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await own?.close();
}, 60_000);

/** The browser's own lines for answers that were meant to be refusals. */
const unexpected = (seen: readonly string[]): string[] =>
  seen.filter((line) => !/status of 401/.test(line) && !/status of 403 .*api\/session/.test(line));

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a wrong key is refused in words; the right one opens the page, all of it below the base path', async () => {
  const { page, seen } = await openScreen(browser, '/herd/', { url: service.url });
  const paths: string[] = [];
  page.on('request', (request) => void paths.push(new URL(request.url()).pathname));
  expect(await findViolations(page)).toEqual([]);
  await signIn(page, 'hp_nonsense');
  await page.locator('.wrong').waitFor();
  expect(await page.locator('.wrong').textContent()).toMatch(/key/i);
  await signIn(page, office);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  expect(page.url()).toBe(`${service.url}/herd/settings`);
  expect(await page.locator('main').textContent()).toContain('Office <b>');
  expect(paths.filter((path) => !path.startsWith('/herd/'))).toEqual([]);
  await page.reload();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  expect(unexpected(seen)).toEqual([]);
  await page.context().close();
}, 60_000);

test('a session that ends in the middle of a form: after signing in again nothing typed is lost', async () => {
  const { page, seen } = await openScreen(browser, '/herd/exports/new', { url: service.url });
  await signIn(page, office);
  await page.getByLabel('Title (optional)').fill('Typed before');
  await page.getByLabel('First day').fill('2023-11-01');
  await page.getByLabel('Last day').fill('2023-11-30');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await page.locator('form.sign-in').textContent()).toContain('nothing that you typed is lost');
  await signIn(page, office);
  await page.getByRole('heading', { name: 'New export' }).waitFor();
  expect(await page.getByLabel('Title (optional)').inputValue()).toBe('Typed before');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.waitForURL(/\/herd\/exports$/);
  await page.locator('.job', { hasText: 'Typed before' }).first().waitFor();
  expect(unexpected(seen)).toEqual([]);
  await page.context().close();
}, 60_000);

test('a key that may only read sees no button that it may not press', async () => {
  const { page, seen } = await openScreen(browser, '/herd/exports', { url: service.url });
  await signIn(page, reader);
  await page.getByRole('heading', { name: 'Exports' }).waitFor();
  expect(await page.getByRole('link', { name: 'New export' }).count()).toBe(0);
  await page.goto(`${service.url}/herd/exports/new`);
  await page.getByText('may look at exports').waitFor();
  expect(await page.getByRole('button').count()).toBe(0);
  await page.goto(`${service.url}/herd/reid`);
  await page.getByText('may not run analyses').waitFor();
  await page.goto(`${service.url}/herd/settings`);
  expect(await page.getByRole('link', { name: 'Import' }).count()).toBe(0);
  await page.goto(`${service.url}/herd/import`);
  await page.getByText('may not import packages').waitFor();
  expect(await page.locator('main input, main button').count()).toBe(0);
  await page.goto(`${service.url}/herd/settings`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(unexpected(seen)).toEqual([]);
  await page.context().close();
}, 60_000);

/** Longer than what counts as one act. */
const REST_MS = 700;
const HANDS: [string, (page: Page, part: Locator) => Promise<void>][] = [
  [
    'a triple click',
    async (page, part) => {
      const { x, y } = (await part.boundingBox())!;
      for (let n = 0; n < 3; n++) {
        await page.mouse.click(x + 9, y + 9);
        await page.waitForTimeout(250);
      }
    },
  ],
  [
    'Enter held down',
    async (page, part) => {
      await part.focus();
      for (let n = 0; n < 20; n++) {
        await page.keyboard.down('Enter');
        await page.waitForTimeout(40);
      }
      await page.keyboard.up('Enter');
    },
  ],
];

test.each(HANDS)(
  '%s makes one job, and removes one, whatever comes under the pointer',
  async (_name, use) => {
    const { page, seen } = await openScreen(browser, '/herd/exports/new', { url: service.url });
    await signIn(page, office);
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET')
        sent.push(`${request.method()} ${new URL(request.url()).pathname.replace(/[^/]*-[^/]*$/, '')}`);
    });
    const act = async (name: string): Promise<string[]> => {
      sent.length = 0;
      const part = page.getByRole('button', { name }).first();
      await part.scrollIntoViewIfNeeded();
      await use(page, part);
      await page.waitForTimeout(REST_MS);
      return sent.splice(0);
    };
    // Enough of them that there is a button wherever the pointer is.
    await page.getByLabel('First day').fill('2023-11-01');
    await page.getByLabel('Last day').fill('2023-11-02');
    expect(await act('Make it')).toEqual(['POST /herd/api/exports/pdf']);
    await page.getByText('Ready').first().waitFor();
    for (let n = 0; n < 2; n++) expect(await act('Make it again')).toEqual(['POST /herd/api/exports/pdf']);
    const before = await page.locator('.job').count();
    expect(await act('Remove')).toEqual(['DELETE /herd/api/exports/']);
    expect(await page.locator('.job').count()).toBe(before - 1);
    for (const [screen, name, path] of [
      ['reid', 'Run: Scores', '/herd/api/reid/scores'],
      ['survey', 'Run a survey', '/herd/api/reid/survey'],
    ] as const) {
      await page.goto(`${service.url}/herd/${screen}`);
      expect(await act(name)).toEqual([`POST ${path}`]);
    }
    expect(unexpected(seen)).toEqual([]);
    await page.context().close();
  },
  120_000,
);
