import { expect } from 'chai';
import fc from 'fast-check';
import { InputBuffer } from '../../../src/cli/repl/inputs.ts';
import { runProgram } from '../../../src/cli/repl/run-program.ts';
import { Session } from '../../../src/cli/repl/session.ts';

/** A session with what another one saves: as one program, and line by line as from a pipe, which is the same. */
async function restored(session: Session): Promise<Session> {
  const text = session.save();
  using piped = new Session();
  const buffer = new InputBuffer(piped);
  for (const line of text.split('\n')) buffer.feed(line);
  expect(buffer.incomplete).to.equal(undefined);
  const copy = new Session();
  const runSource = (source: string): void => void copy.run(source);
  await runProgram({ text }, { runSource, runCommand: async () => false });
  expect(copy.save()).to.equal(piped.save());
  return copy;
}

function sessionOf(...inputs: readonly string[]): Session {
  const session = new Session();
  for (const input of inputs) session.run(input);
  return session;
}

function valuesOf({ definitions }: Session) {
  return definitions
    .map(({ name, kind, parameters, value }) => ({ name, kind, parameters, value }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

describe('what a session saves', () => {
  const cases: readonly (readonly [what: string, inputs: readonly string[], probes: readonly string[]])[] = [
    ['functions that were given a later value to use', ['f(x) = x', 'let k = 2', 'f(x) = k*x'], ['f(3)']],
    [
      'functions that were given a later function to use',
      ['f(x) = x', 'g(x) = f(x)', 'h(x) = 7*x', 'f(x) = h(x)'],
      ['g(3)'],
    ],
    [
      'functions that use one another',
      ['a(n) = n < 1 ? 0 : b(n - 1); b(n) = n < 1 ? 1 : a(n - 1)'],
      ['a(7)'],
    ],
    [
      'functions that came to use one another',
      ['a(n) = n', 'b(n) = n < 1 ? 1 : a(n - 1)', 'c(n) = a(n) + b(n)', 'a(n) = n < 1 ? 0 : b(n - 1)'],
      ['c(7)'],
    ],
    ['a function that calls itself', ['f(n) = n < 2 ? 1 : n*f(n - 1)'], ['f(5)']],
    ['a line that another continues', ['f(x) = x\n* 2', 'g(x) = x # half\n  / 2'], ['f(3)', 'g(3)']],
    [
      'lines that end in the middle',
      ['f(x) = {\n  let a = x\n  a * 2 # twice\n}', 'g(x) = x +\n\n1'],
      ['f(3)'],
    ],
    ['a head in several lines', ['f(x, # = first\n  y)\n= x\n/ y'], ['f(1, 2)']],
    ['several lines that use one another', ['a(x) = x < 1\n? 0 : b(x - 1); b(x) = a(x\n)'], ['a(3)']],
    ['booleans', ['let t = 1 < 2; let f = 2 < 1', 'g() = t and not f'], ['t', 'f', 'g()']],
    ['parameters named as functions', ['f(g) = g', 'g(f) = f'], ['f(1)', 'g(2)']],
    ['names that differ in composition', ['f(x) = x', 'caf\u00e9(x) = x', 'f(x) = cafe\u0301(x)'], ['f(1)']],
  ];
  for (const [what, inputs, probes] of cases) {
    it(`restores ${what}`, async () => {
      using session = sessionOf(...inputs);
      using copy = await restored(session);
      expect(valuesOf(copy)).to.deep.equal(valuesOf(session));
      for (const probe of probes) expect(copy.run(probe).value, probe).to.equal(session.run(probe).value);
      expect(copy.save()).to.equal(session.save());
    });
  }

  it('is what was typed, where that can be', () => {
    using session = sessionOf('f(x) = x  +  1 # one', 'let a = 0.1');
    expect(session.save()).to.equal('let a = 0.1\nf(x) = x  +  1\n');
  });

  it('restores every number', async () => {
    const property = fc.asyncProperty(fc.array(fc.double(), { minLength: 1 }), async (numbers) => {
      const inputs = numbers.map((value, i) => `let x${i} = ${spelt(value)}`);
      using session = sessionOf(...inputs);
      using copy = await restored(session);
      expect(copy.definitions.map(({ value }) => value)).to.deep.equal(numbers);
    });
    await fc.assert(property, {
      numRuns: 30,
      examples: [
        [
          [
            Number.NaN,
            Number.POSITIVE_INFINITY,
            Number.NEGATIVE_INFINITY,
            -0,
            5e-324,
            -1.7976931348623157e308,
          ],
        ],
      ],
    });
  });

  it('restores definitions whatever their order and history', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const expression = fc.oneof(
      fc.constantFrom('x', '1', 'x\n/ 2', '(x\n+ 1)', 'let_k', '{ let y = x\n y }'),
      fc.constantFrom(...names).map((name) => `(x < 0 ? 0 : ${name}(x - 1))`),
    );
    const definition = fc.oneof(
      fc.tuple(fc.constantFrom(...names), expression, expression).map(([f, p, q]) => `${f}(x) = ${p} + ${q}`),
      fc.constantFrom('let let_k = 0.1', 'let let_k = 0/0'),
    );
    const property = fc.asyncProperty(fc.array(definition, { maxLength: 12 }), async (definitions) => {
      using session = sessionOf('let let_k = 1', names.map((name) => `${name}(x) = x`).join('; '));
      for (const source of definitions) session.run(source);
      using copy = await restored(session);
      expect(valuesOf(copy)).to.deep.equal(valuesOf(session));
      for (const name of names)
        expect(copy.run(`${name}(3)`).value).to.deep.equal(session.run(`${name}(3)`).value);
      expect(copy.save()).to.equal((await restored(copy)).save());
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

function spelt(value: number): string {
  if (Number.isNaN(value)) return '0/0';
  if (!Number.isFinite(value)) return value > 0 ? '1/0' : '-1/0';
  return Object.is(value, -0) ? '-0' : String(value);
}
