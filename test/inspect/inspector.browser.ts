/** The page in a real browser, on engines that work. `BLESS=1` also takes the picture that the documentation shows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { type CompiledFunction, Engine, type Inspector, inspectEngines } from '../../src/index.ts';
import { browserArguments } from '../support/browser-arguments.ts';
import { Random } from '../support/random.ts';

const shapes = [
  (k: number) => `sqrt(x^2 + ${k}*y^2)`,
  (k: number) => `sin(${k}*x) * exp(-y*y)`,
  (k: number) => `x > ${k} ? log(x - ${k}) : 0`,
  (k: number) => `f(a) = a*a + ${k}\nf(x) + f(y) * f(x - y)`,
  (k: number) => `sum(i, 1, ${k + 2}, x^i / (i + y))`,
  (k: number) => `clamp(lerp(x, y, 0.${k + 1}), -${k}, ${k})`,
];

/** Waits until the page has followed. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(50);
}

/** Formulas that come and go as on a busy server. */
class Workload {
  readonly #engine: Engine;
  readonly #random = new Random(7);
  readonly #functions: CompiledFunction[] = [];
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  step(): void {
    for (let i = 0; i < 25; i++) {
      const shape = this.#random.pick(shapes);
      this.#functions.push(this.#engine.compile(shape(this.#count++ % 97), ['x', 'y']));
    }
    for (const f of this.#functions) if (this.#random.chance(0.25)) f(1, 2);
    while (this.#functions.length > 900) {
      const index = this.#random.integer(0, this.#functions.length - 1);
      for (const f of this.#functions.splice(index, 1)) f.release();
    }
  }
}

/** An expression for the page: how many pixels of a chart have the colour of each line. Text, since the types of a page are not here. */
function countColours(chart: string): string {
  return `(() => {
    const canvas = document.querySelector('${chart} canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let blue = 0;
    let orange = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 2] > data[i] + 80) blue++;
      if (data[i] > data[i + 2] + 80) orange++;
    }
    return { blue, orange };
  })()`;
}

describe('the inspector in a browser', function () {
  this.timeout(60_000);
  let folder: string;
  let browser: BrowserContext;
  let inspector: Inspector;
  let page: Page;
  let engine: Engine;
  let other: Engine;
  let workload: Workload;
  let timer: NodeJS.Timeout;
  const complaints: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-browser-'));
    browser = await chromium.launchPersistentContext(folder, {
      executablePath: '/usr/bin/chromium',
      args: browserArguments,
      viewport: { width: 1360, height: 860 },
      colorScheme: 'light',
    });
    inspector = await inspectEngines();
    engine = new Engine();
    other = new Engine({ backend: 'interpreter' });
    workload = new Workload(engine);
    for (let i = 0; i < 36; i++) workload.step();
    timer = setInterval(() => workload.step(), 100);
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(inspector.url);
    await page.locator('#rows tr').nth(20).waitFor();
  });

  after(async () => {
    clearInterval(timer);
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
    await inspector.close();
    engine.dispose();
    other.dispose();
  });

  /** What the counter of this name shows. */
  function counter(name: string): Promise<string> {
    return page
      .locator('#counters div', { has: page.locator(`dt:text-is("${name}")`) })
      .locator('dd')
      .innerText();
  }

  /** Moves the mouse over the map, row by row, until the tooltip says something that fits. */
  async function pointAt(pattern: RegExp): Promise<string> {
    const box = await page.locator('#map').boundingBox();
    if (box === null) throw new Error('the map is not to be seen');
    for (let y = box.y + 25; y < box.y + box.height; y += 16) {
      for (let x = box.x + 5; x < box.x + box.width; x += 40) {
        await page.mouse.move(x, y);
        const text = await page.locator('#tooltip').innerText();
        if (pattern.test(text)) return text;
      }
    }
    throw new Error(`nothing on the map says ${pattern}`);
  }

  it('counts what the engine holds, and goes on counting', async () => {
    expect(await counter('backend')).to.match(/^native, /);
    const first = Number(await counter('compiled'));
    await until(async () => Number(await counter('compiled')) > first);
  });

  it('tells which function lies under the mouse', async () => {
    const text = await pointAt(/calls/);
    expect(text).to.match(/^.+\n\d+ B at 0x[0-9a-f]+\nage [\d.]+ s, calls \d+$/);
    expect(await pointAt(/^free/)).to.match(/^free: .* at 0x[0-9a-f]+$/);
    await page.mouse.move(0, 0);
    expect(await page.locator('#tooltip').isVisible()).to.equal(false);
  });

  it('shows source, listing and IR of the function that is clicked, on the map or in the list', async () => {
    clearInterval(timer);
    await setTimeout(1200);
    const [name] = (await pointAt(/calls/)).split('\n');
    await page.mouse.down();
    await page.mouse.up();
    const texts = page.locator('#detail-body pre');
    await texts.nth(2).waitFor();
    expect((await texts.nth(0).innerText()).replace(/\s+/g, ' ')).to.equal(name);
    expect(await texts.nth(1).innerText()).to.match(/^main[$\w]*:\n {2}0000 {2}[0-9a-f]+ +\w+/);
    expect(await texts.nth(2).innerText()).to.match(/^function /);
    const row = page.locator('#rows tr').nth(3);
    const listed = await row.locator('td').first().innerText();
    await row.click();
    await until(async () => (await texts.nth(0).innerText()).replace(/\s+/g, ' ') === listed);
    expect(await row.getAttribute('class')).to.equal('selected');
    timer = setInterval(() => workload.step(), 100);
  });

  it('sorts the list by the column that is clicked', async () => {
    const sizes = async () =>
      (await page.locator('#rows td:nth-child(2)').allInnerTexts()).map((text) =>
        Number(text.replace(',', '')),
      );
    const largestFirst = await sizes();
    expect(largestFirst).to.deep.equal([...largestFirst].sort((a, b) => b - a));
    await page.getByRole('button', { name: 'bytes' }).click();
    const smallestFirst = await sizes();
    expect(smallestFirst).to.deep.equal([...smallestFirst].sort((a, b) => a - b));
    await page.getByRole('button', { name: 'bytes' }).click();
  });

  it('draws its charts', async () => {
    await setTimeout(2000);
    for (const chart of ['#memory-chart', '#rate-chart']) {
      const { blue, orange } = await page.evaluate<{ blue: number; orange: number }>(countColours(chart));
      expect(blue, chart).to.be.greaterThan(30);
      expect(orange, chart).to.be.greaterThan(30);
    }
  });

  it('can be looked at', async () => {
    if (process.env['BLESS'] === '1') await setTimeout(20_000);
    // The function in the first row is still there when it is clicked.
    clearInterval(timer);
    await setTimeout(1200);
    await page.locator('#rows tr').first().click();
    await page.locator('#detail-body pre').nth(2).waitFor();
    await pointAt(/calls/);
    timer = setInterval(() => workload.step(), 100);
    const picture = await page.screenshot(
      process.env['BLESS'] === '1'
        ? { path: fileURLToPath(new URL('../../docs/img/inspector.png', import.meta.url)) }
        : {},
    );
    expect(picture.length).to.be.greaterThan(20_000);
  });

  it('switches between engines', async () => {
    const options = await page.locator('#source option').allInnerTexts();
    expect(options).to.have.length(2);
    await page.locator('#source').selectOption({ index: 1 });
    await until(async () => (await counter('backend')) === 'interpreter');
    expect(await page.locator('#rows tr').count()).to.equal(0);
    other.dispose();
    await until(async () => (await page.locator('#source option').count()) === 1);
    await until(async () => (await counter('backend')) !== 'interpreter');
    expect(await counter('backend')).to.match(/^native, /);
  });

  it('is refused without the token', async () => {
    const { origin } = new URL(inspector.url);
    const stranger = await browser.newPage();
    for (const path of ['/', '/snapshot', '/0123456789abcdef0123456789abcdef/']) {
      expect((await stranger.goto(origin + path))?.status()).to.equal(403);
    }
    await stranger.close();
  });

  it('tells nothing to pages from elsewhere', async () => {
    const stranger = await browser.newPage();
    await stranger.goto('data:text/html,<title>elsewhere</title>');
    const answer = await stranger.evaluate(
      (url) =>
        fetch(`${url}snapshot`).then(
          () => 'read',
          (error: Error) => error.name,
        ),
      inspector.url,
    );
    expect(answer).to.equal('TypeError');
    await stranger.close();
  });

  it('says so when the process has ended, and had nothing to complain about until then', async () => {
    expect(complaints).to.deep.equal([]);
    await inspector.close();
    await page.getByText('the process has ended or is busy').waitFor();
  });
});
