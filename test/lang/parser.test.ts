import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { Expression, Program } from '../../src/lang/ast.ts';
import { parse } from '../../src/lang/parser.ts';
import { SourceText } from '../../src/lang/source-text.ts';
import { compileError, evaluate } from './evaluate.ts';

const raised = { length: 10_000_000, tokens: 10_000_000, nodes: 10_000_000 };

function resultOf(program: Program): Expression {
  if (program.result === undefined) throw new Error('no result');
  return program.result;
}

describe('lang/parser', () => {
  it('gives every node the text it stands for, with the brackets inside of it', () => {
    const source =
      'let a = (1 + 2) * 3; f(x) = -x^2; (a) + f( (a) ) ? (a < 1) && !(a) : { let b = (a); (b) }';
    const { definitions, result } = parse(source);
    const text = (node: { start: number; end: number } | undefined) => source.slice(node?.start, node?.end);
    expect(definitions.map(text)).to.deep.equal(['let a = (1 + 2) * 3', 'f(x) = -x^2']);
    expect(definitions.map(({ target }) => text(target))).to.deep.equal(['a', 'f']);
    if (result?.kind !== 'conditional' || result.test.kind !== 'sum' || result.consequent.kind !== 'and') {
      throw new Error('unexpected shape');
    }
    expect(text(result)).to.equal('(a) + f( (a) ) ? (a < 1) && !(a) : { let b = (a); (b) }');
    expect(text(result.test)).to.equal('(a) + f( (a) )');
    expect(result.test.operands.map(text)).to.deep.equal(['a', 'f( (a) )']);
    expect(text(result.consequent)).to.equal('(a < 1) && !(a)');
    expect(result.consequent.operands.map(text)).to.deep.equal(['a < 1', '!(a)']);
    expect(text(result.alternate)).to.equal('{ let b = (a); (b) }');
  });

  it('accepts a named source', () => {
    const program = parse(new SourceText('1 +\n x', 'formula.txt'));
    expect(program.source.name).to.equal('formula.txt');
  });

  it('refuses what is no text', () => {
    for (const source of [undefined, null, 1, {}, ['1']]) {
      expect(() => parse(source as unknown as string)).to.throw(TypeError, 'the source must be a string');
    }
  });

  it('reports the first syntax error of each statement', () => {
    const { diagnostics } = compileError('let x 3\nlet y = 1\nf(1) = 2\n{ let a = ; a }\n1 2');
    expect(diagnostics.map(({ code, line }) => [code, line])).to.deep.equal([
      ['E_UNEXPECTED_TOKEN', 1],
      ['E_UNEXPECTED_TOKEN', 3],
      ['E_UNEXPECTED_TOKEN', 4],
      ['E_UNEXPECTED_TOKEN', 5],
    ]);
  });

  it('parses on after any error', () => {
    for (const bad of ['(', '1 +', 'a b', '-'.repeat(1000), '1e999']) {
      expect(() => parse(bad)).to.throw();
      expect(resultOf(parse('1 + 2')).kind).to.equal('sum');
    }
  });

  describe('limits', () => {
    it('on nodes', () => {
      expect(parse('1+1+1', { limits: { nodes: 4 } }).result?.kind).to.equal('sum');
      expect(compileError('1+1+1', { limits: { nodes: 3 } }).code).to.equal('E_NODES');
    });

    it('on parameters', () => {
      const names = Array.from({ length: 4 }, (_, index) => `p${index}`).join(', ');
      expect(parse(`f(${names}) = 1`, { limits: { parameters: 4 } }).definitions).to.have.length(1);
      expect(compileError(`f(${names}) = 1`, { limits: { parameters: 3 } }).code).to.equal('E_PARAMETERS');
    });

    it('must be possible', () => {
      for (const limits of [
        { nesting: 257 },
        { nesting: 0 },
        { nodes: 1.5 },
        { length: Number.NaN },
        { tokens: -1 },
      ]) {
        expect(() => parse('1', { limits })).to.throw(RangeError, `limits.${Object.keys(limits)[0]}`);
      }
    });

    it('of nesting is 256 brackets', () => {
      const nested = (depth: number) => `${'('.repeat(depth)}x${')'.repeat(depth)}`;
      expect(resultOf(parse(nested(256))).kind).to.equal('name');
      expect(compileError(nested(257)).code).to.equal('E_NESTING');
      expect(resultOf(parse(nested(3), { limits: { nesting: 3 } })).kind).to.equal('name');
      expect(compileError(nested(4), { limits: { nesting: 3 } }).code).to.equal('E_NESTING');
    });

    it('of nesting counts levels that arise from the right', () => {
      const source = `${'('.repeat(50)}1${' * 1 + 1 < 1 && 1 || 1)'.repeat(50)}`;
      expect(resultOf(parse(source)).kind).to.equal('or');
      const deeper = `${'('.repeat(60)}1${' * 1 + 1 < 1 && 1 || 1)'.repeat(60)}`;
      expect(compileError(deeper).code).to.equal('E_NESTING');
    });

    const hostile =
      '( - + ! not{ 2^ f( { a? a?b: a?( if{a{then{ if{ {let{a= sum(i, 1+( 1||1&&1<1+1*-1^( max(1,b?c: (( -( {(-';
    for (const piece of hostile.split(' ').map((text) => text.replaceAll(/(?<=.){/g, ' '))) {
      it(`holds for ten thousand times ${JSON.stringify(piece)}`, () => {
        expect(compileError(piece.repeat(10_000), { limits: raised }).code).to.equal('E_NESTING');
      });
    }

    it('holds in a worker with a small stack', async () => {
      const file = JSON.stringify(new URL('./small-stack.worker.ts', import.meta.url));
      const worker = new Worker(
        `import('tsx/esm/api').then(({ register }) => { register(); return import(${file}); })`,
        {
          eval: true,
          resourceLimits: { stackSizeMb: 1 },
        },
      );
      const outcome = await new Promise<unknown>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      await worker.terminate();
      expect(outcome).to.deep.equal([]);
    });
  });

  it('turns what is left of a used-up stack into an error, not into a crash', () => {
    const deep = `${'sin('.repeat(250)}x${')'.repeat(250)}`;
    const outcomes = new Set<string>();
    const descend = (levels: number): void => {
      if (levels > 0) {
        descend(levels - 1);
        return;
      }
      try {
        outcomes.add(parse(deep).kind);
      } catch (error) {
        outcomes.add((error as { code?: string }).code ?? String(error));
      }
    };
    for (let levels = 0; levels <= 4000; levels += 250) descend(levels);
    outcomes.delete('program');
    outcomes.delete('E_NESTING');
    expect([...outcomes]).to.deep.equal([]);
  });

  for (const count of [10_000, 100_000]) {
    it(`adds ${count} ones`, () => {
      const source = Array(count).fill('1').join('+');
      const result = resultOf(parse(source, { limits: raised }));
      expect(result.kind === 'sum' && result.operands.length).to.equal(count);
      expect(evaluate(source, [], { limits: raised })).to.equal(count);
    });
  }

  it('reads long runs of every kind', () => {
    for (const [operator, expected] of [
      ['*', 1],
      ['||', true],
      ['&&', true],
      ['and', true],
      ['- 1 +', 1],
    ] as const) {
      expect(evaluate(Array(9_000).fill('1').join(` ${operator} `), [], { limits: raised })).to.equal(
        expected,
      );
    }
  });

  it('reads many statements and many arguments', () => {
    const lets = Array.from(
      { length: 5_000 },
      (_, index) => `let v${index} = ${index === 0 ? '1' : `v${index - 1} + 1`}`,
    );
    expect(evaluate([...lets, 'v4999'].join('\n'), [], { limits: raised })).to.equal(5_000);
    expect(evaluate(`max(${Array.from({ length: 9_000 }, (_, index) => index).join(',')})`)).to.equal(8_999);
  });
});
