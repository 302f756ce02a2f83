import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { textWidth } from '../../src/cli/text-width.ts';
import { PromptSuite, prompt } from './terminal.ts';

/** As terminals send what is pasted. */
const pasted = (text: string): string => `\x1b[200~${text}\x1b[201~`;
const keys = {
  left: '\x1b[D',
  up: '\x1b[A',
  home: '\x1b[H',
  ctrlC: '\x03',
  ctrlD: '\x04',
  enter: '\r',
} as const;

/** Rows as the editor draws them: the terminal makes two characters of its line ends. */
const rows = (...texts: readonly string[]): string => texts.join('\r\r\n');

/** It cannot be interrupted by its fuel: many seconds pass first. */
const terms = Array.from({ length: 40 }, (_, i) => `(1e300 - i*x) % (i + ${i})`).join(' + ');
const long = `long(x) = sum(i, 1, 1e9, ${terms})`;

describe('keys of the prompt', () => {
  const suite = new PromptSuite();
  const open = (columns?: number) =>
    suite.open({ EXPRJIT_HISTORY: join(suite.folder, 'history'), NO_COLOR: '1' }, columns);

  it('takes a paste into the middle of a line', async () => {
    const terminal = await open();
    for (const paste of [pasted('10*'), '10*']) {
      terminal.press('1+2+3');
      await terminal.expect('1+2+3');
      terminal.press(keys.left.repeat(3));
      await terminal.expect('\x1b[5G');
      terminal.press(paste);
      await terminal.expect('1+10*2+3');
      terminal.press(keys.enter);
      expect(await terminal.expect(prompt)).to.contain('24\r\n');
    }
  });

  it('takes many lines at once, with and without brackets around them', async () => {
    const terminal = await open();
    const lines = ['let a = 2', 'f(x) = g(x) +', '', '  a', 'g(x) = x * 10', 'f(4)'];
    terminal.press(`${pasted(`${lines.join('\r\n')}\r\n.names\r\nf(5)`)}`);
    await terminal.expect('f(5)');
    terminal.press(keys.enter);
    expect(await terminal.expect(prompt)).to.match(/42\r\n.*f\(x\) .*\r\n52\r\n/s);
    terminal.press('let b = 3\rh(x) = x +\r\rb\rh(4)\r');
    await terminal.expect('\r\n7\r\n');
    await terminal.expect(prompt);
    // The last line end runs them.
    terminal.press(pasted('let c = 5\n\nc + 1\n'));
    expect(await terminal.expect(prompt)).to.contain('c = 5\r\n6\r\n');
    // A tab completes nothing there.
    terminal.press(pasted('2\t+\t3'));
    await terminal.expect('2  +  3');
    terminal.press(keys.enter);
    expect(await terminal.expect(prompt)).to.contain('5\r\n');
  });

  it('recalls whole definitions, also those of an earlier run', async () => {
    const first = await open();
    first.press('f(x) = {\rlet y = x + 1\ry * 2\r}\r');
    await first.expect('f(x)  ');
    await first.expect(prompt);
    first.press(keys.up);
    await first.expect(rows('> f(x) = {', '... let y = x + 1', '... y * 2', '... }'));
    first.press(keys.enter);
    await first.expect(prompt);
    first.press(keys.ctrlD);
    expect(await first.exitCode()).to.equal(0);
    const second = await open();
    second.press(keys.up);
    await second.expect('... }');
    second.press(`\n`);
    expect(await second.expect(prompt)).to.contain('f(x)  ');
    expect(await second.type('f(20)')).to.contain('42');
    // By what was typed, and by a part.
    second.press(`f(x${keys.up}`);
    await second.expect('... }');
    second.press(keys.ctrlC);
    await second.expect(prompt);
    second.press('\x12y * 2');
    await second.expect("(search 'y * 2') f(x) = {");
    second.press(keys.enter);
    expect(await second.expect(prompt)).to.contain('f(x)  ');
  });

  it('edits what was continued, line by line', async () => {
    const terminal = await open();
    terminal.press('max(1,\r2');
    await terminal.expect('... 2');
    terminal.press(`${keys.up}${keys.home}9 + `);
    await terminal.expect(rows('> 9 + max(1,', '... 2'));
    terminal.press('\x1b[B)');
    await terminal.expect('... 2)');
    terminal.press(keys.enter);
    expect(await terminal.expect(prompt)).to.contain('11\r\n');
  });

  it('ends at two Ctrl-C in a row on an empty line, and not at others', async () => {
    const terminal = await open();
    terminal.press(keys.ctrlC);
    await terminal.expect('Ctrl-C again, Ctrl-D or .exit leaves.');
    await terminal.expect(prompt);
    expect(await terminal.type('1 + 1')).to.contain('2');
    terminal.press(keys.ctrlC);
    await terminal.expect(prompt);
    terminal.press('3 +');
    await terminal.expect('3 +');
    terminal.press(keys.ctrlC);
    await terminal.expect(prompt);
    terminal.press(keys.ctrlC);
    await terminal.expect('Ctrl-C again');
    await terminal.expect(prompt);
    terminal.press(keys.ctrlC);
    expect(await terminal.exitCode()).to.equal(0);
  });

  it('ends at Ctrl-D on an empty line, and not where a line is continued', async () => {
    const terminal = await open();
    terminal.press('(1 +\r');
    await terminal.expect('... ');
    terminal.press(`${keys.ctrlD}${keys.ctrlD}41)\r`);
    expect(await terminal.expect(prompt)).to.contain('42');
    terminal.press(`12${keys.ctrlD}${keys.home}${keys.ctrlD}`);
    await terminal.expect('> 2');
    terminal.press(keys.enter);
    expect(await terminal.expect(prompt)).to.contain('\n2\r\n');
    terminal.press(keys.ctrlD);
    expect(await terminal.exitCode()).to.equal(0);
  });

  it('keeps the session when somebody presses Ctrl-C many times', async () => {
    const terminal = await open();
    await terminal.type('let kept = 41');
    await terminal.type(long);
    for (const line of ['long(2)', '.time long(3)', 'long(4)\nkept = 1']) {
      terminal.press(`${pasted(line)}\r`);
      await terminal.expect('(');
      // Whether they come before, while or after it runs: none of them ends the session.
      const pressing = setInterval(() => terminal.press(keys.ctrlC), 5);
      await terminal.expect('interrupted');
      for (let i = 0; i < 8; i++) await terminal.expect(prompt);
      clearInterval(pressing);
      // The last of them may still meet what runs next.
      for (let shown = ''; !shown.endsWith('42'); ) {
        terminal.press('\x1b[1~kept + 1\r');
        shown = await terminal.expect(/42|interrupted/);
      }
      await terminal.expect(prompt);
    }
  });

  it('does not begin what is given up in the same breath', async () => {
    const terminal = await open();
    await terminal.type(long);
    terminal.press(`long(5)\r${keys.ctrlC}`);
    await terminal.expect('interrupted');
    await terminal.expect(prompt);
    expect(await terminal.type('1 + 2')).to.contain('3');
  });

  it('.editor takes several lines, and shows what is wrong with them', async () => {
    const terminal = await open();
    terminal.press('.editor\r');
    await terminal.expect('Ctrl-D runs them');
    terminal.press(`area(r) = pi * square(r)\rsquare(x) =\r  x +* x\r${keys.ctrlD}`);
    expect(await terminal.expect(prompt)).to.contain(' --> 3:6\r\n  |\r\n3 |   x +* x\r\n  |      ^\r\n');
    terminal.press('.editor\r');
    await terminal.expect('Ctrl-D runs them');
    terminal.press(`area(r) = pi * square(r)\rsquare(x) = x²\rarea(2)\r.help area${keys.ctrlD}`);
    expect(await terminal.expect(prompt)).to.match(/area\(r\) .*square\(x\) .*12\.56637\d*\r\narea\(r\)/s);
    terminal.press('.editor\r');
    await terminal.expect('Ctrl-D runs them');
    terminal.press(`let area = 1\r${keys.ctrlC}`);
    await terminal.expect(prompt);
    expect(await terminal.type('area(0)')).to.contain('\n0\r\n');
  });

  it('.load tells the place in the file', async () => {
    const terminal = await open();
    const file = join(suite.folder, 'f.expr');
    writeFileSync(file, 'f(x) = x\n.time f(1) +* 2\n');
    expect(await terminal.type(`.load ${file}`))
      .to.contain(`--> ${file}:2:13`)
      .and.contain(`${file}:2 failed`);
  });

  it('takes signs, typed and by their names', async () => {
    const terminal = await open();
    expect(await terminal.type('2·π·3² ≥ −∞')).to.contain('true');
    terminal.press('2*\\pi\t');
    await terminal.expect('2*π');
    terminal.press('\\^2\t');
    await terminal.expect('²');
    terminal.press(keys.enter);
    expect(await terminal.expect(prompt)).to.contain('19.739');
    expect(await terminal.type('√4·π·radius')).to.contain('1 | √4·π·radius\r\n  |      ^^^^^^\r\n');
    expect(await terminal.type('ans / 2')).to.contain('9.8696');
  });

  it('fits what it prints to the width of the terminal', async () => {
    const columns = 46;
    const terminal = await open(columns);
    await terminal.type('f(x) = x^2 + x^3 + x^4 + x^5 + x^6 + x^7 + x^8');
    for (const line of [
      '.help',
      '.help .table',
      '.names',
      '.mem',
      '.doctor',
      '.time f(1)',
      '.asm f',
      '.plot f -1 1',
      '1 < 2 < 3',
      'f(1) + f(2) + f(3) + f(4) + undefined_one + f(5) + f(6)',
    ]) {
      const answer = await terminal.type(line);
      const [, ...shown] = answer.slice(0, -prompt.length).split('\r\n');
      expect(shown.length, line).to.be.greaterThan(1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: redrawn lines begin with such
      for (const each of shown.filter((text) => !/\x1b\[1G/.test(text))) {
        expect(textWidth(each), `${line}: ${each}`).to.be.at.most(columns);
      }
    }
  });

  it('edits lines that are longer than the terminal is wide', async () => {
    const terminal = await open(20);
    terminal.press('1 + 1 + 1 + 1 + 1 + 1 + 1');
    await terminal.expect('+ 1 + 1');
    terminal.press(`${keys.home}5*(${keys.ctrlC}`);
    await terminal.expect(prompt);
    terminal.press('1 + 1 + 1 + 1 + 1 + 1 + 1');
    terminal.press(`${keys.home}5 + \x1b[F + 30\r`);
    expect(await terminal.expect(prompt)).to.contain('\n42\r\n');
  });
});
