import { expect } from 'chai';
import { callGraph } from '../../../src/jit/ir/call-graph.ts';
import type { IrFunction, IrModule } from '../../../src/jit/ir/function.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { isSmall } from '../../../src/jit/opt/inline-calls.ts';
import type { Pass } from '../../../src/jit/opt/pass.ts';
import { checkOrder, orderings, passes } from '../../../src/jit/opt/passes.ts';
import { InvariantError } from '../../../src/support/invariant.ts';
import { expectGolden } from '../../support/golden.ts';
import { passCases } from './pass-cases.ts';

/** Runs one pass alone over the module, callees first. */
function runAlone(pass: Pass, module: IrModule): void {
  const inlinable = new Map<string, IrFunction>();
  const options = { fastMath: false, fma: false, wideIntegers: true, speculation: 'cheap' } as const;
  const { calleesFirst, recursive } = callGraph(module);
  for (const fn of calleesFirst) {
    pass.run(fn, { module, inlinable, options });
    if (!recursive.has(fn) && isSmall(fn)) inlinable.set(fn.name, fn);
  }
}

describe('passes', () => {
  const shown = new Set(passCases.map(({ pass }) => pass));

  for (const name of shown) {
    it(`${name} does what its golden file shows`, () => {
      const pass = passes.find((row) => row.name === name);
      if (pass === undefined) return expect.fail(`no pass is called ${name}`);
      const parts = passCases
        .filter((each) => each.pass === name)
        .map(({ title, input }) => {
          const module = parseModule(input);
          expect(verifyModule(module), title).to.deep.equal([]);
          runAlone(pass, module);
          expect(verifyModule(module), title).to.deep.equal([]);
          return `; ${title}\n\n${printModule(module)}`;
        });
      expectGolden(`test/jit/opt/golden/${name}.ir`, parts.join('\n'));
    });
  }

  it('are all shown, but those that run a second time', () => {
    expect(passes.map((pass) => pass.name).filter((name) => !name.startsWith('late-'))).to.have.members([
      ...shown,
    ]);
  });

  it('change nothing a second time, and say so', () => {
    for (const { pass: name, input, title } of passCases) {
      const pass = passes.find((row) => row.name === name);
      if (pass === undefined || name === 'inline') continue;
      const module = parseModule(input);
      for (let i = 0; i < 3; i++) runAlone(pass, module);
      const before = printModule(module);
      runAlone(pass, module);
      expect(printModule(module), title).to.equal(before);
    }
  });
});

describe('the order of passes', () => {
  it('is checked with its reasons', () => {
    expect(() => checkOrder([...passes].reverse(), orderings)).to.throw(
      InvariantError,
      /must run before .*: /,
    );
    expect(() => checkOrder(passes.slice(1), orderings)).to.throw(
      InvariantError,
      'no pass is called tail-calls',
    );
    expect(() => checkOrder([...passes, ...passes], orderings)).to.throw(InvariantError, 'same name');
  });
});
