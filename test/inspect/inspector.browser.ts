/** The page in a real browser, on engines that work. `BLESS=1` also takes the picture that the documentation shows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { expect } from 'chai';
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
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
    await page.locator('#rows tr').nth(10).waitFor();
  });

  after(async () => {
    clearInterval(timer);
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
    await inspector.close();
    engine.dispose();
    other.dispose();
  });

  afterEach(async () => {
    clearInterval(timer);
    timer = setInterval(() => workload.step(), 100);
    await page.locator('#search').fill('');
    await page.locator('#search').blur();
    await page.keyboard.press('Escape');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1360, height: 860 });
  });

  /** Shows the function of a row, which nobody releases meanwhile. */
  async function open(row: number): Promise<void> {
    clearInterval(timer);
    // Rows that are held may be of what is gone.
    await page.mouse.move(0, 0);
    await page.evaluate('document.activeElement.blur()');
    await setTimeout(1500);
    await page.locator('#rows tr').nth(row).click();
    await page.locator('.pane.IR').waitFor();
    clearInterval(timer);
    timer = setInterval(() => workload.step(), 100);
  }

  /** A text in one line. */
  async function textOf(locator: Locator): Promise<string> {
    return ((await locator.textContent()) ?? '').replace(/\s+/g, ' ').trim();
  }

  async function search(text: string): Promise<void> {
    await page.locator('#search').fill(text);
    await page.locator('#search').blur();
    await setTimeout(50);
  }

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
    const first = await counter('compiled');
    await until(async () => (await counter('compiled')) !== first);
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
    // Near enough that one function is wider than the pointer.
    await page.locator('#map').focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('+');
    const [name] = (await pointAt(/calls/)).split('\n');
    await page.mouse.down();
    await page.mouse.up();
    const source = page.locator('.pane.source');
    await source.waitFor();
    await until(async () => (await textOf(source)) === name);
    expect(await page.locator('.pane.machine').innerText()).to.match(/^main[$\w]*:\n {2}0000 {2}/);
    expect(await page.locator('.pane.IR').innerText()).to.match(/^function /);
    await page.keyboard.press('0');
    const row = page.locator('#rows tr').nth(3);
    const listed = await row.locator('td').first().innerText();
    await row.click();
    await until(async () => (await textOf(source)) === listed);
    expect(await row.getAttribute('aria-selected')).to.equal('true');
    await page.mouse.move(0, 0);
    timer = setInterval(() => workload.step(), 100);
  });

  it('shows what was clicked last, whichever answer comes first, and nothing once it is closed', async () => {
    clearInterval(timer);
    await setTimeout(1200);
    let isFirst = true;
    await page.route('**/function/**', async (route) => {
      if (isFirst) {
        isFirst = false;
        await setTimeout(800);
      }
      await route.continue();
    });
    const names = page.locator('#rows tr');
    await names.nth(1).click();
    await names.nth(4).click();
    const source = page.locator('.pane.source');
    await source.waitFor();
    const shown = await textOf(source);
    expect(await textOf(names.nth(4))).to.include(shown);
    await setTimeout(1200);
    expect(await textOf(source)).to.equal(shown);
    isFirst = true;
    await names.nth(2).click();
    await page.locator('#close-detail').click();
    await setTimeout(1200);
    expect(await source.isVisible()).to.equal(false);
    await page.unroute('**/function/**');
  });

  it('lights up what belongs together, under the pointer and by keys', async () => {
    using _f = engine.compile('sin(13*x) * exp(-y)', ['x', 'y']);
    await search('sin(13*x) * exp(-y)');
    await open(0);
    await until(async () => (await textOf(page.locator('.pane.source'))).startsWith('sin(13*x)'));
    const lit = async (pane: string) => (await page.locator(`.pane.${pane} .lit`).allInnerTexts()).join('|');
    await page.locator('.pane.IR .line', { hasText: 'callmath sin' }).hover();
    expect(await lit('source')).to.equal('sin(|13|*x|)');
    expect(await lit('IR')).to.match(/callmath sin/);
    expect(await lit('machine')).to.match(/call sin/);
    await page.locator('.pane.machine .line', { hasText: 'call exp' }).hover();
    expect(await lit('source')).to.match(/^exp\(/);
    expect(await lit('IR')).to.match(/callmath exp/);
    // All of a stretch of the source: what is computed within it.
    await page.locator('.pane.source .piece', { hasText: /^13$/ }).hover();
    expect(await lit('IR')).to.match(/^ *v\d+ = fconst 13$/);
    await page.mouse.move(0, 0);
    expect((await lit('source')) + (await lit('IR')) + (await lit('machine'))).to.equal('');
    await page.locator('.pane.IR').focus();
    const first = await lit('source');
    await page.keyboard.press('ArrowDown');
    const second = await lit('source');
    expect(first).to.not.equal('');
    expect(second).to.not.equal('').and.to.not.equal(first);
    await search('');
  });

  it('shows the loops of a function over arrays', async () => {
    using f = engine.compile('12345*x - y', ['x', 'y']);
    f.map({ x: Float64Array.of(1, 2), y: Float64Array.of(3, 4) });
    await search('12345*x');
    await until(async () => (await page.locator('#rows tr').count()) === 1);
    await page.locator('#rows tr').first().click();
    await page.getByRole('tab', { name: 'kernel f64, f64 → f64' }).click();
    await until(async () => (await page.locator('.pane.IR').innerText()).startsWith('function $kernel'));
    expect(await page.locator('.pane.machine').innerText()).to.match(/pd ymm|pd zmm|pd xmm/);
    await search('');
  });

  it('sorts the list by the column that is clicked, which is marked', async () => {
    const sizes = async () =>
      (await page.locator('#rows td:nth-child(2)').allInnerTexts()).map((text) =>
        Number(text.replace(',', '')),
      );
    const header = page.locator('th', { hasText: 'bytes' });
    const largestFirst = await sizes();
    expect(largestFirst).to.deep.equal([...largestFirst].sort((a, b) => b - a));
    expect(await header.getAttribute('aria-sort')).to.equal('descending');
    await page.getByRole('button', { name: 'bytes' }).click();
    const smallestFirst = await sizes();
    expect(smallestFirst).to.deep.equal([...smallestFirst].sort((a, b) => a - b));
    expect(await header.getAttribute('aria-sort')).to.equal('ascending');
    expect(await page.locator('th[aria-sort="none"]').count()).to.equal(3);
    await page.getByRole('button', { name: 'bytes' }).click();
    await page.mouse.move(0, 0);
  });

  it('lets rows stand still under the pointer, and strikes out what is gone', async () => {
    await page.getByRole('button', { name: 'age' }).click();
    await page.locator('#rows tr').nth(2).hover();
    const names = () => page.locator('#rows tr td:first-child').allInnerTexts();
    const before = await names();
    const compiled = Number((await counter('compiled')).replace(',', ''));
    await until(async () => Number((await counter('compiled')).replace(',', '')) > compiled + 50);
    expect(await names()).to.deep.equal(before);
    expect(await page.locator('#held').isVisible()).to.equal(true);
    const victim = engine.compile('1 + 1e-7*x', ['x']);
    await page.mouse.move(0, 0);
    await search('1e-7');
    await page.locator('#rows tr', { hasText: '1e-7' }).hover();
    victim.release();
    await page.locator('#rows tr.gone', { hasText: '1e-7' }).waitFor();
    await page.mouse.move(0, 0);
    await until(async () => (await page.locator('#rows tr').count()) === 0);
    await search('');
    expect(await page.locator('#held').isVisible()).to.equal(false);
    await until(async () => (await names()).join() !== before.join());
    await page.getByRole('button', { name: 'bytes' }).click();
    await page.mouse.move(0, 0);
  });

  it('finds functions by their source', async () => {
    await page.keyboard.press('/');
    expect(await page.locator('#search').evaluate((field) => field.matches(':focus'))).to.equal(true);
    await page.keyboard.type('SUM(i');
    await until(async () => / of /.test(await textOf(page.locator('#function-count'))));
    const names = await page.locator('#rows tr td:first-child').allInnerTexts();
    expect(names.length).to.be.greaterThan(0);
    for (const name of names) expect(name).to.include('sum(i');
    await search('');
  });

  it('stops while it is paused', async () => {
    await page.locator('#search').blur();
    await page.keyboard.press('p');
    expect(await page.locator('#pause').getAttribute('aria-pressed')).to.equal('true');
    await setTimeout(700);
    const before = await counter('compiled');
    await setTimeout(1500);
    expect(await counter('compiled')).to.equal(before);
    await page.keyboard.press(' ');
    await until(async () => (await counter('compiled')) !== before);
  });

  it('is used by keys alone', async () => {
    const focused = () =>
      page.evaluate<string>('document.activeElement.id || document.activeElement.className');
    await open(0);
    clearInterval(timer);
    await page.locator('#source').focus();
    const reached = new Set<string>();
    for (let i = 0; i < 24; i++) {
      await page.keyboard.press('Tab');
      reached.add(await focused());
    }
    for (const part of ['pause', 'colour-by', 'zoom-in', 'minimap', 'map', 'search', 'row', 'close-detail']) {
      expect([...reached], part).to.include(part);
    }
    await page.locator('#map').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    const words = page.locator('#map-words');
    expect(await words.textContent()).to.not.equal('');
    const said = new Set<string | null>();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('ArrowRight');
      said.add(await words.textContent());
    }
    expect(said.size).to.be.greaterThan(3);
    const row = page.locator('#rows tr[tabindex="0"]');
    await row.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const third = page.locator('#rows tr:focus');
    expect(await third.getAttribute('data-index')).to.equal('2');
    await page.keyboard.press('Enter');
    await until(
      async () => (await textOf(page.locator('.pane.source'))) === (await third.getAttribute('title')),
    );
    await page.keyboard.press('End');
    const count = Number((await textOf(page.locator('#function-count'))).replace(',', ''));
    await until(
      async () => (await page.locator('#rows tr:focus').getAttribute('data-index')) === String(count - 1),
    );
    await page.keyboard.press('Home');
    await page.keyboard.press('Escape');
    expect(await page.locator('.pane').count()).to.equal(0);
    await search('');
    timer = setInterval(() => workload.step(), 100);
  });

  it('says what its colours mean, in numbers', async () => {
    const legend = page.locator('#legend');
    expect(await legend.innerText()).to.match(/age[\s\S]*1 s[\s\S]*kernel[\s\S]*free/);
    await page.locator('#colour-by').selectOption('pool');
    await until(async () => /pool of 64 B/.test(await legend.innerText()));
    await page.locator('#colour-by').selectOption('calls');
    await until(async () => /calls[\s\S]*0/.test(await legend.innerText()));
    await page.locator('#colour-by').selectOption('age');
  });

  it('adds up what falls into one pixel, and takes it apart when zoomed', async () => {
    using crowd = new Engine();
    const kept = Array.from({ length: 20_000 }, (_, index) => crowd.compile(`x + ${index}`, ['x']));
    kept[7777]?.(1);
    await until(async () => (await page.locator('#source option').count()) === 3);
    await page.locator('#source').selectOption({ index: 2 });
    await until(async () => (await counter('functions')) === '20,000');
    const several = await pointAt(/functions/);
    expect(several).to.match(/^\d+ functions, [\d.]+ (B|KiB)\nhottest: x \+ \d+/);
    const box = await page.locator('#map').boundingBox();
    if (box === null) throw new Error('the map is not to be seen');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -400);
    await pointAt(/^x \+ \d+\n/);
    // The strip above shows all again, and where a brush is drawn.
    await page.locator('#minimap').dblclick();
    await pointAt(/functions/);
    const strip = await page.locator('#minimap').boundingBox();
    if (strip === null) throw new Error('the strip is not to be seen');
    await page.mouse.move(strip.x + strip.width * 0.4, strip.y + 10);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width * 0.42, strip.y + 10, { steps: 4 });
    await page.mouse.up();
    await pointAt(/^x \+ \d+\n/);
    await page.locator('#minimap').dblclick();
    await page.mouse.move(0, 0);
    // The last of 20,000 rows is there when it is scrolled to.
    await page.locator('#function-scroll').evaluate((scroll) => scroll.scrollTo(0, scroll.scrollHeight));
    await page.locator('#rows tr[data-index="19999"]').waitFor();
    expect(await page.locator('#rows tr').count()).to.be.lessThan(80);
    await page.locator('#source').selectOption({ index: 0 });
    await until(async () => (await counter('functions')) !== '20,000');
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1360, 420]) {
      it(`is accessible: ${scheme}, ${width} pixels wide`, async () => {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: 860 });
        await open(0);
        await page.mouse.move(0, 0);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate<{
          violations: { id: string; nodes: { html: string }[] }[];
        }>('axe.run()');
        const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
        expect(found).to.deep.equal([]);
      });
    }
  }

  it('shows what is clicked where the page is narrow, and goes out of the way again', async () => {
    await page.setViewportSize({ width: 420, height: 860 });
    await open(1);
    const detail = page.locator('#detail');
    const box = await detail.boundingBox();
    expect(box?.y).to.be.within(0, 300);
    expect(box?.width).to.equal(420);
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(420);
    await page.getByRole('button', { name: 'Close the function' }).click();
    expect(await page.locator('.pane').count()).to.equal(0);
  });

  it('draws its charts', async () => {
    await setTimeout(2000);
    for (const chart of ['#memory-chart', '#rate-chart', '#fragmentation-chart']) {
      const { blue, orange } = await page.evaluate<{ blue: number; orange: number }>(countColours(chart));
      expect(blue, chart).to.be.greaterThan(30);
      expect(orange, chart).to.be.greaterThan(30);
      // They take the room that there is.
      const plot = await page.locator(`${chart} canvas`).boundingBox();
      const room = await page.locator(chart).boundingBox();
      expect(plot?.width, chart).to.be.within((room?.width ?? 0) - 2, (room?.width ?? 0) + 2);
      expect(plot?.height, chart).to.be.greaterThan((room?.height ?? 0) * 0.7);
    }
    const heat = await page.evaluate<{ orange: number }>(countColours('.chart:has(#heat)'));
    expect(heat.orange, 'heat').to.be.greaterThan(30);
    expect(await page.locator('#heat-legend').innerText()).to.match(/calls\/s$/);
  });

  it('can be looked at', async () => {
    if (process.env['BLESS'] === '1') await setTimeout(20_000);
    await open(0);
    await page.locator('.pane.IR .line').nth(4).hover();
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
