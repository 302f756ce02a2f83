/** The example for browsers: a page whose policy forbids `eval`, bundled by esbuild as it comes, computes what is typed into it. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { servePage } from '../../examples/12-browser/serve.ts';
import { browserArguments } from '../support/browser-arguments.ts';

/** How many pixels of the plot are drawn, as an expression for the page. */
const drawnPixels = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) drawn++;
  return drawn;
})()`;

describe('the page that plots a formula', function () {
  this.timeout(60_000);
  let folder: string;
  let browser: BrowserContext;
  let server: Server;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-page-'));
    const served = await servePage(0);
    server = served.server;
    browser = await chromium.launchPersistentContext(folder, {
      executablePath: '/usr/bin/chromium',
      args: browserArguments,
    });
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(served.url);
    await page.locator('#status', { hasText: 'points' }).waitFor();
  });

  after(async () => {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs formulas as WebAssembly, where no text may become JavaScript', async () => {
    expect(await page.locator('#status').innerText()).to.match(/^1,000,000 points as wasm: compiled in /);
    const refused = `new Promise((resolve) => {
      addEventListener('securitypolicyviolation', ({ blockedURI }) => resolve(blockedURI));
      setTimeout('1');
    })`;
    expect(await page.evaluate(refused)).to.equal('eval');
    expect(await page.evaluate(drawnPixels)).to.be.above(5_000);
  });

  it('draws what is typed, at every key', async () => {
    await page.locator('#formula').fill('f(n) = n <= 0 ? 0 : 1 + f(n - 1); f(abs(x)) + gamma(2 + sin(x))');
    expect(await page.locator('#problem').innerText()).to.equal('');
    expect(await page.evaluate(drawnPixels)).to.be.above(500);
    await page.locator('#formula').fill('x');
    const line = (await page.evaluate(drawnPixels)) as number;
    expect(line).to.be.within(900, 2_500);
  });

  it('says what is wrong, and ends what has no end', async () => {
    await page.locator('#formula').fill('sin(x) + yy');
    expect(await page.locator('#problem').innerText())
      .to.contain('`yy` is not defined')
      .and.contain('^^');
    await page.locator('#formula').fill('sum(i, 1, 1e15, i*x)');
    await page.locator('#problem', { hasText: 'runs too long' }).waitFor();
    await page.locator('#formula').fill('x^2');
    expect(await page.locator('#problem').innerText()).to.equal('');
  });

  it('complains of nothing', () => {
    // But of what this test does.
    const own = /Content Security Policy|getImageData/;
    expect(complaints.filter((text) => !own.test(text))).to.deep.equal([]);
  });
});
