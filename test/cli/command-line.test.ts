import { expect } from 'chai';
import { commands } from '../../src/cli/commands.ts';
import { run } from './run-command-line.ts';

const names = Object.keys(commands);

describe('exprjit', () => {
  it('explains itself', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { code, out, err } = await run(args);
      expect({ code, err }).to.deep.equal({ code: 0, err: '' });
      expect(out).to.contain('Usage: exprjit [command]');
      for (const name of names) expect(out).to.contain(`\n  ${name} `);
    }
    for (const name of names) {
      for (const flag of ['--help', '-h']) {
        const { code, out } = await run([name, flag]);
        expect(code).to.equal(0);
        expect(out).to.contain('Usage: exprjit').and.contain(name);
      }
    }
  });

  it('says its version', async () => {
    for (const flag of ['--version', '-v']) expect((await run([flag])).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('answers a command line that makes no sense with exit code 2', async () => {
    const cases: readonly (readonly [args: readonly string[], message: string])[] = [
      [['frobnicate'], "there is no command 'frobnicate'"],
      [['evla'], "there is no command 'evla'; did you mean 'eval'?"],
      [['--bogus'], "there is no command '--bogus'"],
      [['map', '--thread', '2', 'x'], "map has no option '--thread'; did you mean '--threads'?"],
      [['completion'], "completion is for bash, zsh and fish, not ''"],
      [['completion', 'toString'], "completion is for bash, zsh and fish, not 'toString'"],
      [['eval'], 'eval needs an expression'],
      [['eval', '--bogus', '1'], "eval has no option '--bogus'"],
      [['eval', 'x', '3'], "'3' is not of the form name=value"],
      [['eval', 'x', 'x==3'], "'x==3' is not of the form name=value"],
      [['eval', 'x', 'x=1', 'x=2'], "'x' is given twice"],
      [['repl', 'now'], "repl takes no argument, but got 'now'"],
      [['asm'], 'asm needs a formula'],
      [['asm', 'x', 'y'], "asm takes one formula, but got 'y' as well"],
      [['asm', '--cpu', 'mmx', 'x'], "--cpu must be one of sse2, sse4.1, avx2, avx512, not 'mmx'"],
      [['asm', '--cpu'], '--cpu needs a value'],
      [['asm', 'x', '--json=yes'], '--json takes no value'],
      [['ir', '--bogus', 'x'], "ir has no option '--bogus'"],
      [['plot', 'x', '1'], 'plot needs a formula and both ends of a range'],
      [
        ['plot', 'x', '0', '1', '--width', 'wide'],
        "--width must be a whole number from 16 to 1000, not 'wide'",
      ],
      [['plot', 'x', '0', '1', '--out', 'x.jpg'], '--out must be the name of an .svg or .png file'],
      [['plot', 'x', '0', '1', '-o', 'x.svg', '--png', 'x'], '--out and --png are one too many'],
      [
        ['plot', 'x', '0', '1', '--marks', 'dots'],
        "--marks must be one of braille, blocks, ascii, not 'dots'",
      ],
      [['map'], 'map needs a formula'],
      [
        ['map', 'x', 'a.csv', 'b.csv'],
        "map takes one file, but got 'b.csv' as well; several formulas are given as --as name=formula",
      ],
      [
        ['map', 'x', '--delimiter', ''],
        "--delimiter must be one character, but no quote and no line break, or 'tab' or '\\t', not \"\"",
      ],
      [['doctor', 'me'], "doctor takes no argument, but got 'me'"],
      [['bench', '--samples', '0'], "--samples must be a whole number from 1 to 1000, not '0'"],
      [['bench', 'fast'], "bench takes no argument, but got 'fast'"],
      [['toString'], "there is no command 'toString'"],
    ];
    for (const [args, message] of cases) {
      const { code, out, err } = await run(args);
      expect({ code, out }).to.deep.equal({ code: 2, out: '' });
      expect(err)
        .to.contain(`exprjit: ${message}\n`)
        .and.match(/Try 'exprjit( \w+)? --help'\.\n$/);
    }
  });
});

describe('exprjit eval', () => {
  const cases: readonly (readonly [args: readonly string[], out: string])[] = [
    [['1+1'], '2'],
    [['sqrt(x*x + y*y)', 'x=3', 'y=4'], '5'],
    [['x', 'x=-1e3'], '-1000'],
    [['2 * x', 'x = pi / 2'], '3.141592653589793'],
    [['-x + 1', 'x=2'], '-1'],
    [['--', '--x', 'x=2'], '2'],
    [['1 < 2'], 'true'],
    [['1 == 2'], 'false'],
    [['0 / 0'], 'nan'],
    [['-1 / 0'], '-inf'],
    [['-0'], '-0'],
    [['1e21'], '1e+21'],
    [['let a = 2; f(x) = a * x; f(y)', 'y=21'], '42'],
    [['x', 'x=1', 'unused=2'], '1'],
  ];
  for (const [args, out] of cases) {
    it(args.join(' '), async () => {
      expect(await run(['eval', ...args])).to.deep.equal({ code: 0, out: `${out}\n`, err: '' });
    });
  }

  it('prints JSON, with text for what JSON has no number for', async () => {
    const cases: readonly (readonly [source: string, value: unknown])[] = [
      ['1/4', 0.25],
      ['1 < 2', true],
      ['-1/0', '-inf'],
      ['0/0', 'nan'],
    ];
    for (const [source, value] of cases) {
      const { out } = await run(['eval', '--json', source]);
      expect(JSON.parse(out)).to.deep.equal({ value });
    }
    expect((await run(['eval', '-0', '--json'])).out).to.equal('{"value":-0}\n');
  });

  it('paints errors on a terminal, unless told otherwise', async () => {
    const paints = async (env: Record<string, string>, isTTY: boolean) =>
      (await run(['eval', 'x'], '', { env, isTTY })).err.includes('\x1b[');
    expect(await paints({}, true)).to.equal(true);
    expect(await paints({}, false)).to.equal(false);
    expect(await paints({ NO_COLOR: '1' }, true)).to.equal(false);
    expect(await paints({ NO_COLOR: '' }, true)).to.equal(true);
    expect(await paints({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).to.equal(true);
    expect(await paints({ FORCE_COLOR: '0' }, true)).to.equal(false);
    expect(await paints({ TERM: 'dumb' }, true)).to.equal(false);
  });

  it('shows what is wrong, with a caret, and exits with 1', async () => {
    const { code, out, err } = await run(['eval', '1 + sqr(x)', 'x=1']);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.contain('1 | 1 + sqr(x)\n  |     ^^^\n').and.contain('sqrt');
    expect((await run(['eval', 'x + 1'])).err).to.contain('`x` is not defined');
    expect((await run(['eval', 'x', 'x=y'])).err).to.contain('`y` is not defined');
    expect((await run(['eval', 'x', '1x=2'])).err).to.contain('must be a name');
    expect((await run(['eval', 'f(n) = 1 + f(n); f(0)'])).err).to.match(/^error: /);
  });

  it('says what may be meant otherwise, and gives the value', async () => {
    expect(await run(['eval', '7 // 2'])).to.deep.equal({
      code: 0,
      out: '7\n',
      err: [
        'warning[W_COMMENT_LIKE_DIVISION]: `//` begins a comment, and what follows does not count',
        ' --> 1:3',
        '  = hint: the whole part of a quotient is `floor(a / b)`\n',
      ].join('\n'),
    });
    const { out, err } = await run(['eval', 'f(x) = 5\n- 2']);
    expect(out).to.equal('-2\n');
    expect(err).to.match(/^warning\[W_SIGN_BEGINS_LINE\]: /);
    for (const meant of [
      'f(x) = 5;\n- 2',
      'f(x) = 5\n(-2)',
      '3 // 2 of them',
      '0.19 // 19%',
      'x = 4 // y = 7 // 2'.slice(4),
      '5 // (1)',
      '1 // 2024-01-01',
      '2 // 3D',
      'f(x) = 5 -\n2; 1',
    ])
      expect((await run(['eval', meant])).err, meant).to.equal('');
  });
});

describe('exprjit on input that is no terminal', () => {
  it('evaluates line by line and keeps what is defined', async () => {
    expect(await run([], 'let r = 2\npi*r^2\n')).to.deep.equal({
      code: 0,
      out: '12.566370614359172\n',
      err: '',
    });
    const { out } = await run(
      ['repl'],
      'f(x) = x + 1\nlet a = f(1); a * 10\n\n# comment\n  // another\na < 1\r\nf(a)',
    );
    expect(out).to.equal('20\nfalse\n3\n');
  });

  it('reads on where a line ends in the middle of something', async () => {
    const input = 'max(1,\n  2,\n\n # three\n  3)\n1 +\n2\nlet b = {\n let c = 5\n c * 2 }\nb\n';
    expect(await run([], input)).to.deep.equal({ code: 0, out: '3\n3\n10\n', err: '' });
  });

  it('stops at the first error, with exit code 1', async () => {
    const { code, out, err } = await run([], '1\nlet a = 1 +* 2\n3\n');
    expect({ code, out }).to.deep.equal({ code: 1, out: '1\n' });
    expect(err).to.contain('1 | let a = 1 +* 2\n');
  });

  it('takes an input that ends in the middle of something as an error', async () => {
    const { code, out, err } = await run([], '1\n(2 +\n');
    expect({ code, out }).to.deep.equal({ code: 1, out: '1\n' });
    expect(err).to.contain('E_UNCLOSED_BRACKET');
  });

  it('runs commands, and stops at one that fails', async () => {
    const { code, out, err } = await run([], 'f(x) = x + 1\n.ast f\n.5 + 1\n.asm\n2\n');
    expect({ code, out }).to.deep.equal({ code: 1, out: 'f(x) =\n└─ sum\n   ├─ x\n   └─ + 1\n1.5\n' });
    expect(err).to.equal(
      'error: .asm needs something to work on\nusage: .asm [--kernel] <f> [level]\nfor example: .asm f sse2\n',
    );
    expect(await run([], '1\n.exit\n2\n')).to.deep.equal({ code: 0, out: '1\n', err: '' });
  });

  it('does nothing for nothing', async () => {
    expect(await run([], '')).to.deep.equal({ code: 0, out: '', err: '' });
  });
});
