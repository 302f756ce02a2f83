import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { replCommands } from '../../src/cli/repl/repl-commands.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { PromptSuite, type PseudoTerminal, prompt } from './terminal.ts';

describe('the prompt on a pseudo-terminal', () => {
  const suite = new PromptSuite();
  const open = (env: Readonly<Record<string, string>> = {}) => suite.open({ EXPRJIT_HISTORY: '', ...env });

  it('runs every command', async () => {
    requireAddon();
    const svg = join(suite.folder, 'f.svg');
    const file = join(suite.folder, 'session.expr');
    const answers: Readonly<Record<string, readonly [line: string, answer: string | RegExp]>> = {
      '.asm': ['.asm f sse2', /for sse2.*f:.*movsd.*ret/s],
      '.ir': ['.ir f', /── lower.*callmath pow.*── simplify/s],
      '.ast': ['.ast f', 'power'],
      '.mem': ['.mem', /pool 0.*0x[0-9a-f]{12}.*f.* \(\d+ bytes\).*fragmentation/s],
      '.time': ['.time f(r, 1)', /(ns|µs).* a call/],
      '.plot': [`.plot f(x, 1) -2 2 ${svg}`, `drew f(x, 1) to ${svg}`],
      '.table': ['.table f(x, 1) 0 2 1', /0 {2}.*1.*1 {2}.*2.*2 {2}.*5/s],
      '.names': ['.names', /r.* number .*2.*f\(x, y\).* number .*x\^2 \+ y/s],
      '.release': ['.release g', /released g, \d+ bytes/],
      '.save': [`.save ${file}`, `saved 2 definitions to ${file}`],
      '.reset': ['.reset', 'forgot 2 definitions'],
      '.load': [`.load ${file}`, /r.* = .*2.*f.*\(x, y\)/s],
      '.doctor': ['.doctor', '✓'],
      '.help': ['.help', 'Tab completes'],
    };
    expect(Object.keys(answers)).to.have.members(replCommands.map(({ name }) => name));
    const { type } = bind(await open());
    expect(await type('f(x, y) = x^2 + y')).to.match(/\(x, y\).*\d+ bytes/);
    expect(await type('g(x) = f(x, 0)')).to.contain('bytes');
    expect(await type('let r = 2')).to.contain('= ');
    for (const [line, answer] of Object.values(answers)) {
      const text = await type(line);
      if (typeof answer === 'string') expect(text).to.contain(answer);
      else expect(text).to.match(answer);
      expect(text).to.not.contain('error');
    }
    expect(await type('.plot sin -3 3')).to.contain('└──');
    expect(existsSync(svg)).to.equal(true);
    expect(await type('f(r, 1)')).to.contain('5');
  });

  it('shows errors with a caret and a hint, and goes on', async () => {
    const { type } = bind(await open());
    const text = await type('1 + sqr(4)');
    expect(text).to.contain('E_UNKNOWN_FUNCTION').and.contain('^^^').and.contain('did you mean `sqrt`?');
    expect(await type('.asn f')).to.contain("there is no command '.asn'; did you mean .asm or .ast?");
    expect(await type('.plot')).to.contain('usage: .plot <f>… <a> <b> [file]');
    expect(await type('1 < 2'))
      .to.contain('warning')
      .and.contain('true');
    expect(await type('.5 + 1')).to.contain('1.5');
  });

  it('continues what is incomplete, and gives up at Ctrl-C', async () => {
    const terminal = await open();
    terminal.press('max(1,\r');
    await terminal.expect('... ');
    expect(await terminal.type('2)')).to.contain('2');
    terminal.press('let a = {\r');
    await terminal.expect('... ');
    terminal.press('\x03');
    await terminal.expect(prompt);
    expect(await terminal.type('1 +\r41'))
      .to.contain('... ')
      .and.contain('42');
  });

  for (const [backend, env] of [
    ['machine code', {}],
    ['WebAssembly', { NODE_OPTIONS: '--no-addons' }],
    ['the interpreter', { NODE_OPTIONS: '--no-addons --jitless' }],
  ] as const) {
    it(`interrupts ${backend} at Ctrl-C, and keeps what is defined`, async () => {
      const terminal = await open(env);
      await terminal.type('let r = 2');
      await terminal.type('f(x) = x + r');
      // The fuel of one such sum is good for many seconds.
      const terms = Array.from({ length: 40 }, (_, i) => `(1e300 - i*x) % (i + ${i})`).join(' + ');
      await terminal.type(`long(x) = sum(i, 1, 1e9, ${terms})`);
      for (const line of [
        'long(2)',
        'let r = long(3)',
        'f(x) = 0; long(4)',
        '.table long 0 100 1',
        '.plot long 0 10',
        '.plot long(x)+y 0 10',
        '.time long(5)',
      ]) {
        terminal.press(`${line}\r`);
        // Echoed, and then being computed: the second half is not visible from here.
        await terminal.expect(line);
        await new Promise((resolve) => setTimeout(resolve, 300));
        const start = performance.now();
        terminal.press('\x03');
        expect(await terminal.expect(prompt), line).to.contain('interrupted');
        expect(performance.now() - start, line).to.be.lessThan(1000);
        expect(await terminal.type('f(1)'), line).to.contain('3');
      }
      expect(await terminal.type('g(x) = f(x) * 2')).to.contain('g');
      expect(await terminal.type('g(r)')).to.contain('8');
      expect(await terminal.type('.mem')).to.not.contain('error:');
      terminal.press('\x04');
      expect(await terminal.exitCode()).to.equal(0);
    });
  }

  it('does not end at a Ctrl-C that comes too late', async () => {
    const terminal = await open();
    terminal.press('1 + 1\r\x03');
    await terminal.expect(prompt);
    await terminal.expect(prompt);
    expect(await terminal.type('2 + 3')).to.contain('5');
  });

  it('completes names and commands', async () => {
    const terminal = await open();
    await terminal.type('area(radius) = pi * radius^2');
    terminal.press('are');
    await terminal.expect('are');
    terminal.press('\t');
    await terminal.expect('a(');
    terminal.press('2)\r');
    await terminal.expect('12.566370614359172');
    await terminal.expect(prompt);
    terminal.press('.tab');
    await terminal.expect('.tab');
    terminal.press('\t');
    await terminal.expect('le ');
  });

  it('is coloured, but not with NO_COLOR', async () => {
    const yellow = '\x1b[33m2\x1b[39m';
    const { type } = bind(await open());
    expect(await type('1 + 1')).to.contain(yellow);
    const other = bind(await open({ NO_COLOR: '1' }));
    expect(await other.type('1 + 1'))
      .to.contain('2')
      .and.not.contain(yellow);
  });

  it('remembers lines from run to run, for the owner alone', async () => {
    const history = join(suite.folder, 'state', 'history');
    const first = await open({ EXPRJIT_HISTORY: history });
    await first.type('let remembered = 1');
    first.press('\x04');
    expect(await first.exitCode()).to.equal(0);
    expect(readFileSync(history, 'utf8')).to.contain('let remembered = 1');
    expect(statSync(history).mode & 0o777).to.equal(0o600);
    const second = await open({ EXPRJIT_HISTORY: history });
    second.press('\x1b[A');
    await second.expect('let remembered = 1');
  });

  it('goes without history where none can be written', async () => {
    const { type } = bind(await open({ EXPRJIT_HISTORY: '/dev/null/history' }));
    expect(await type('1 + 1')).to.contain('2');
  });

  it('leaves with .exit', async () => {
    const terminal = await open();
    terminal.press('.exit\r');
    expect(await terminal.exitCode()).to.equal(0);
  });
});

function bind(terminal: PseudoTerminal) {
  return { type: (line: string) => terminal.type(line) };
}
