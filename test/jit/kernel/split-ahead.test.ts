import { expect } from 'chai';
import type { IrFunction } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { functionNamed, type KernelParameter } from '../../../src/jit/kernel/kernel-spec.ts';
import { splitAhead } from '../../../src/jit/kernel/split-ahead.ts';
import { elementAt } from '../../../src/support/element.ts';
import { isVectorKernel } from '../../support/is-vector-kernel.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';

const parameters = ['p', 'x', 'y'];
const column: KernelParameter = { kind: 'column', type: 'f64' };

function split(source: string, most = 16, hosts: readonly string[] = []) {
  return splitAhead(moduleOf(source, parameters, hosts), [main], new Set([0]), most);
}

/** What a function computes, but for constants. */
function operations(fn: IrFunction): string {
  return fn.blocks
    .flatMap(({ instructions }) => instructions)
    .filter(({ op }) => op?.name !== 'fconst')
    .map(({ op, immediate }) => (op?.name === 'callmath' ? String(immediate) : op?.name))
    .join(' ');
}

/** The operations of each stage, and those of the rest. */
function halves(source: string, most?: number): { stages: string[]; rest: string } | undefined {
  const found = split(source, most);
  if (found === undefined) return undefined;
  const { module, stages, rests } = found;
  return {
    stages: stages.map(({ name }) => operations(functionNamed(module, name))),
    rest: operations(functionNamed(module, elementAt(rests, 0))),
  };
}

describe('what is computed ahead of rows that wait for each other', () => {
  it('is dear, and does not depend on the row before', () => {
    for (const [source, stages, rest] of [
      ['p*0.9 + 0.1*sin(x)*exp(y)', ['sin fmul exp fmul'], 'fmul fadd'],
      ['p*sin(x) + exp(y)', ['sin', 'exp'], 'fmul fadd'],
      ['sin(p)*x + log(y)', ['log'], 'sin fmul fadd'],
      ['p + x/y/(x + 1)/(y + 1)/(x + 2)', ['fdiv fadd fdiv fadd fdiv fadd fdiv'], 'fadd'],
      ['p + x % y', ['frem'], 'fadd'],
    ] as const) {
      expect(halves(source), source).to.deep.equal({ stages, rest });
    }
  });

  it('is nothing that is cheap', () => {
    for (const source of ['p + 0.1*(x - p)', 'p*0.9 + x/y', 'p + x*y - x/2', 'sin(p) + x', 'x > y ? p : x']) {
      expect(split(source), source).to.equal(undefined);
    }
  });

  it('leaves to the rest what is cheap beside it, and what is no number', () => {
    expect(halves('sin(x) > 0.5 ? p : x')).to.deep.equal({ stages: ['sin'], rest: 'fgt select' });
    expect(halves('{ let s = sin(x); p*s + p*(s + 1) }')).to.deep.equal({
      stages: ['sin'],
      rest: 'fmul fadd fmul fadd',
    });
    expect(halves('sin(x)*(p + 1) + exp(sin(x))')).to.deep.equal({
      stages: ['sin', 'sin exp'],
      rest: 'fadd fmul fadd',
    });
  });

  it('is no arm of a conditional', () => {
    expect(split('p > 1 ? exp(sin(x)) : p')).to.equal(undefined);
    expect(split('x > 1 ? p*exp(sin(x)) : p')).to.equal(undefined);
    expect(halves('(p > 1 ? exp(sin(x)) : p) + exp(x)')?.stages).to.deep.equal(['exp']);
    expect(split('p > 1 && exp(sin(x)) > p')).to.equal(undefined);
  });

  it('is nothing of functions that spend fuel, or call the host', () => {
    expect(split('sin(x) + sum(k, 1, x, p*k)')).to.equal(undefined);
    expect(split('f(n) = n < 1 ? 0 : 1 + 2*f(n - 1); sin(x) + p*f(x)')).to.equal(undefined);
    expect(split('sin(x) + p*host(x)', 16, ['host'])).to.equal(undefined);
  });

  it('is no more than may be', () => {
    const source = 'p*sin(x) + p*p*cos(x) + exp(y)';
    expect(halves(source, 2)).to.deep.equal({
      stages: ['sin', 'cos'],
      rest: 'fmul fmul fmul fadd exp fadd',
    });
    expect(split(source, 0)).to.equal(undefined);
  });

  it('says what it depends on', () => {
    for (const [source, uses, dearUses] of [
      ['p*0.9 + x*exp(-1/y)', [1, 2], [2]],
      ['p + (x + sqrt(y)/sqrt(y + 1)/y)', [1, 2], [2]],
      [`p + ${'(x + '.repeat(64)}y${')'.repeat(64)}`, [1, 2], [1, 2]],
    ] as const) {
      const found = split(source);
      expect(
        found?.stages.map((stage) => ({ uses: stage.uses, dearUses: stage.dearUses })),
        source,
      ).to.deep.equal([{ uses, dearUses }]);
    }
  });

  it('has lanes, and with the rest makes what was split', () => {
    for (const source of [
      'p*0.9 + 0.1*sin(x)*exp(y)',
      '(x > 0 ? p*log(y) : p) + pow(x, y)',
      'sin(x) > cos(y)',
    ]) {
      const module = moduleOf(source, parameters);
      const before = module.functions.length;
      const found = splitAhead(module, [main], new Set([0]), 16);
      if (found === undefined) throw new Error(`${source} is not split`);
      expect(module.functions.length).to.equal(before);
      expect(verifyModule(found.module)).to.deep.equal([]);
      for (const { name } of found.stages) {
        const spec = {
          parameters: parameters.map(() => column),
          outputs: [{ function: name, type: 'f64' as const }],
        };
        expect(isVectorKernel(found.module, spec, 'avx2'), source).to.equal(true);
      }
      const interpreter = new Interpreter(found.module);
      for (const row of [
        [1, 2, 3],
        [-1, 0.5, -0],
        [Number.NaN, 700, 2],
      ]) {
        const ahead = found.stages.map(({ name }) => interpreter.run(name, row));
        const together = interpreter.run(elementAt(found.rests, 0), [...row, ...ahead]);
        expect(Object.is(together, interpreter.run(main, row)), `${source} of ${row}`).to.equal(true);
      }
    }
  });
});
