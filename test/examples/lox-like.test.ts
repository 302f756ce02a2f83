/** The language of example 11: what it computes, what it refuses, and when its functions are compiled and released. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { TrapError } from 'exprjit/ir';
import { Session } from '../../examples/11-lox-like/session.ts';
import { runNode } from '../support/run-node.ts';
import { eachWay } from './each-way.ts';

const fib = 'fun fib(n) { if (n < 2) return n; return fib(n - 1) + fib(n - 2); }';

/** Programs and what they print. */
const programs: readonly (readonly [title: string, source: string, printed: readonly number[]])[] = [
  ['arithmetic', 'print 1 + 2 * 3 - 4 / 8; print -2 * -(3 % 2); print 2e3 + 0.5;', [6.5, 2, 2000.5]],
  ['comparisons', 'print 1 < 2; print 2 <= 1; print 1 == 1; print 1 != 1; print !0 + true;', [1, 0, 1, 0, 2]],
  [
    'functions of the machine',
    'print sqrt(9); print floor(-1.5); print min(1, 2) + max(3, abs(-4));',
    [3, -2, 5],
  ],
  [
    'variables',
    'var a = 1; { var a = 2; print a; a = 3; print a; } print a; a = a + 1; print a;',
    [2, 3, 1, 2],
  ],
  ['assignments as values', 'var a; var b = a = 4; print a + b;', [8]],
  [
    'if and else',
    'var x = 3; if (x > 2) print 1; else print 2; if (x > 5) print 3; if (x) { print 4; }',
    [1, 4],
  ],
  ['while', 'var i = 3; while (i > 0) { print i; i = i - 1; }', [3, 2, 1]],
  ['for', 'for (var i = 0; i < 3; i = i + 1) { var j = i * i; print j; }', [0, 1, 4]],
  [
    'for of nothing',
    'var i = 0; for (;i < 2;) i = i + 1; print i; fun f() { for (;;) { i = i + 1; if (i == 9) return i; } } print f();',
    [2, 9],
  ],
  ['recursion', `${fib} print fib(15);`, [610]],
  [
    'functions that call each other',
    'fun odd(n) { if (n == 0) return 0; return even(n - 1); } fun even(n) { if (n == 0) return 1; return odd(n - 1); } print even(10); print odd(10);',
    [1, 0],
  ],
  ['functions without a result', 'fun f() { return; } fun g() {} print f() + g();', [0]],
  ['global variables', 'var n = 0; fun count() { n = n + 1; return n; } count(); count(); print n;', [2]],
  [
    'arrays',
    'var xs = [1, 2, 3]; xs[1] = xs[0] + xs[2]; print xs[1]; print len(xs); print len(array(5)); print array(2)[1];',
    [4, 3, 5, 0],
  ],
  [
    'arrays of arrays',
    'var m = [[1, 2], [3, 4]]; m[0][1] = m[1][0] = 7; print m[0][1] + m[1][0]; print m[1][1];',
    [14, 4],
  ],
  [
    'arrays that make the memory grow',
    'var xs = array(100000); var ys = array(300000); xs[99999] = 1; ys[299999] = 2; print xs[99999] + ys[299999] + ys[0];',
    [3],
  ],
  [
    'and and or',
    'var n = 0; fun f(x) { n = n + 1; return x; } print f(0) and f(1); print f(1) or f(0); print n; print 2 and 3; print 0 or 0;',
    [0, 1, 2, 1, 0],
  ],
  [
    'assignments in conditions',
    'fun f(x) { var y = 1; if (x and (y = 5)) return y; return -y; } print f(1); print f(0);',
    [5, -1],
  ],
  ['what is never reached', 'fun f() { return 1; var x = 2; while (x) return x; } print f();', [1]],
  ['comments', '// print 1;\nprint 2; // print 3;', [2]],
];

const wrong: readonly (readonly [source: string, message: string])[] = [
  ['print 1 +;', "line 1: ';' is no expression"],
  ['print 1\nprint 2;', "line 2: ';' instead of 'print'"],
  ['print (1;', "line 1: ')' instead of ';'"],
  ['print x;', "line 1: there is no variable 'x'"],
  ['\nx = 1;', "line 2: there is no variable 'x'"],
  ['print f(1);', "line 1: function 'f' is not there"],
  ['fun f(a, b) { return a; }\nprint f(1);', "line 2: function 'f' takes 2 arguments, not 1"],
  ['print sqrt(1, 2);', "line 1: function 'sqrt' takes 1 arguments, not 2"],
  ['fun len(x) { return x; }', "'len' is built in"],
  ['fun f( { }', "line 1: '{' is no name"],
  ['fun f() { print 1;', 'line 1: something is missing'],
  ['fun f() { print y; } f();', "line 1: there is no variable 'y'"],
  ['print 1 ? 2;', "line 1: what is '?'?"],
];

describe('the Lox-like example', () => {
  eachWay(({ createEngine, level }) => {
    const printed: number[] = [];
    const open = (fuel = 1e7): Session => {
      printed.length = 0;
      const print = (x: number) => printed.push(x);
      return new Session({ compile: { engine: createEngine({ limits: { fuel } }), level }, print });
    };

    for (const [title, source, expected] of programs) {
      it(`has ${title}`, () => {
        using session = open();
        session.run(source);
        expect(printed).to.deep.equal(expected);
      });
    }

    it('goes on from run to run', () => {
      using session = open();
      session.run('var xs = [1, 2]; fun second() { return xs[1]; }');
      session.run('xs[1] = 5; var more = second();');
      session.run('print more + second(); xs = [0, 7];');
      expect(session.call('second')).to.equal(7);
      expect(printed).to.deep.equal([10]);
    });

    it('recompiles functions that are redefined, and their callers', () => {
      using session = open();
      session.run('fun half(x) { return x / 2; } fun f(x) { return half(x) + 1; } fun g(x) { return x; }');
      expect([session.call('f', 8), session.call('g', 3), session.call('half', 1)]).to.deep.equal([
        5, 3, 0.5,
      ]);
      expect(session.compiled).to.deep.equal(['f', 'g', 'half']);
      session.run('fun half(x) { return x / 4; }');
      expect(session.compiled).to.deep.equal(['g']);
      expect(session.call('f', 8)).to.equal(3);
    });

    it('releases functions that nobody uses', () => {
      using session = open();
      session.run('fun f() { return 1; } fun g() { return 2; } print f() + g();');
      expect(session.compiled).to.deep.equal(['f', 'g']);
      for (let i = 0; i < 10; i++) session.run('g();');
      expect(session.compiled).to.deep.equal(['g']);
      session.run('print f();');
      expect(printed).to.deep.equal([3, 1]);
    });

    it('keeps no code of what it has released', () => {
      const engine = createEngine();
      const used = () => engine.statistics().memory.usedSize;
      const before = used();
      {
        using session = new Session({ compile: { engine, level } });
        session.run(`${fib} fib(5);`);
        const during = used();
        for (let i = 0; i < 20; i++) session.run(`${fib} fib(5);`);
        expect(used()).to.equal(during);
      }
      expect(used()).to.equal(before);
    });

    it('may be redefined by what it calls', () => {
      const engine = createEngine();
      const results: number[] = [];
      using session: Session = new Session({
        compile: { engine, level },
        print: (x) => {
          results.push(x);
          if (x === 1) session.run('fun f() { return 20; }');
        },
      });
      session.run('fun f() { print 1; return 10; }');
      expect([session.call('f'), session.call('f')]).to.deep.equal([10, 20]);
      expect(results).to.deep.equal([1]);
    });

    for (const [source, message] of wrong) {
      it(`refuses ${JSON.stringify(source)}`, () => {
        using session = open();
        expect(() => session.run(source)).to.throw(SyntaxError, message);
        session.run('print 1;');
        expect(printed).to.deep.equal([1]);
      });
    }

    it('has no elements outside of arrays', () => {
      using session = open();
      session.run('var xs = [1, 2, 3];');
      for (const index of ['3', '-1', '1e18', '0 / 0', '-1e300']) {
        expect(() => session.run(`print 0;\nxs[${index}] = 5;`)).to.throw(
          RangeError,
          'line 2: there is no such element',
        );
        expect(() => session.run(`print xs[${index}];`)).to.throw(RangeError);
      }
      expect(() => session.run('print (1e9)[0];'))
        .to.throw(TrapError)
        .with.property('code', 'E_BOUNDS');
      for (const length of ['-1', '0.5', '1e12', '0 / 0']) {
        expect(() => session.run(`array(${length});`)).to.throw(RangeError, 'there is no room');
      }
      session.run('print xs[0] + xs[1] + xs[2];');
      expect(printed.at(-1)).to.equal(6);
    });

    it('ends what does not end', () => {
      using session = open(20_000);
      expect(() => session.run('while (1) {}'))
        .to.throw(TrapError)
        .with.property('code', 'E_FUEL');
      session.run('fun deep(n) { return deep(n + 1) + 1; }');
      expect(() => session.call('deep', 0))
        .to.throw(TrapError)
        .with.property('code')
        .that.match(/^E_(?:FUEL|STACK)$/);
      session.run('print 1;');
      expect(printed).to.deep.equal([1]);
    });
  });

  it('takes at most 600 lines', () => {
    const folder = new URL('../../examples/11-lox-like/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    const lines = files.map((name) => readFileSync(new URL(name, folder), 'utf8').split('\n').length - 1);
    expect(lines.reduce((sum, count) => sum + count, 0)).to.be.within(1, 600);
  });

  it('reads, evaluates and prints', async () => {
    const input = [
      fib,
      'fib(20)',
      'var xs = [1, 2]',
      'var xs = [1, 2];',
      'fun sum(a) {',
      '  var s = 0;',
      '  for (var i = 0; i < len(a); i = i + 1) { s = s + a[i]; }',
      '  return s;',
      '}',
      'sum(xs)',
      'xs[2]',
      '1 +',
      'fun fib(n) { return 0; }',
      'fib(20)',
      '.code',
      'while (true) {}',
    ].join('\n');
    const { status, stdout, stderr } = await runNode(
      ['--import=tsx', 'examples/11-lox-like/main.ts'],
      `${input}\n`,
    );
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    const answers = stdout
      .split(/^(?:[>…] )+/m)
      .map((text) => text.trim())
      .filter((text) => text !== '');
    expect(answers.slice(0, -1)).to.deep.equal([
      '6765',
      "line 1: 'var' is no expression",
      '3',
      'line 1: there is no such element',
      "line 1: ';' is no expression",
      '0',
      'compiled: sum, fib',
    ]);
    expect(answers.at(-1)).to.match(/fuel/);
  });
});
