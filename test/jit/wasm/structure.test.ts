import { expect } from 'chai';
import { DominatorTree } from '../../../src/jit/ir/dominators.ts';
import type { IrFunction } from '../../../src/jit/ir/function.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { walkStructure } from '../../../src/jit/wasm/structure.ts';
import { elementAt } from '../../../src/support/element.ts';

/** What the structurer says, a line each, indented by what is open. */
function drawn(fn: IrFunction): string[] {
  const lines: string[] = [];
  let depth = 0;
  const say = (text: string): void => {
    lines.push(`${'  '.repeat(depth)}${text}`);
  };
  walkStructure(new DominatorTree(fn), {
    open(kind) {
      say(kind);
      depth++;
    },
    close() {
      depth--;
      say('end');
    },
    instructions: ({ id }) => say(`b${id}`),
    when(condition, expected) {
      say(`if ${expected ? '' : 'not '}v${condition.id}`);
      depth++;
    },
    edge: ({ target }, isBack) => say(`${isBack ? 'back ' : ''}to b${target.id}`),
    leave: (level) => say(`leave ${level}`),
    return: (value) => say(`return v${value.id}`),
  });
  expect(depth).to.equal(0);
  return lines;
}

function functionOf(blocks: readonly string[]): IrFunction {
  const text = ['function f(f64, bool): f64 {', ...blocks, '}', ''].join('\n');
  return elementAt(parseModule(text).functions, 0);
}

describe('structured control flow', () => {
  it('puts a join behind the end of a block', () => {
    const fn = functionOf([
      'b0(v0: f64, v1: bool):',
      '  branch v1, b1, b2',
      'b1():',
      '  jump b3(v0)',
      'b2():',
      '  v2 = fneg v0',
      '  jump b3(v2)',
      'b3(v3: f64):',
      '  return v3',
    ]);
    expect(drawn(fn)).to.deep.equal([
      'block',
      '  b0',
      '  if v1',
      '    to b1',
      '    b1',
      '    to b3',
      '    leave 1',
      '  end',
      '  to b2',
      '  b2',
      '  to b3',
      '  leave 0',
      'end',
      'b3',
      'return v3',
    ]);
  });

  it('begins a loop at its head, and ends it by leaving', () => {
    const fn = functionOf([
      'b0(v0: f64, v1: bool):',
      '  jump b1(v0)',
      'b1(v2: f64):',
      '  v3 = fneg v2',
      '  branch v1, b1(v3), b2',
      'b2():',
      '  return v3',
    ]);
    expect(drawn(fn)).to.deep.equal([
      'b0',
      'to b1',
      'loop',
      '  b1',
      '  if v1',
      '    back to b1',
      '    leave 1',
      '  end',
      '  to b2',
      '  b2',
      '  return v3',
      'end',
    ]);
  });

  it('does not nest along chains, however long', () => {
    const count = 5_000;
    const blocks = Array.from({ length: count }, (_, i) => [
      i === 0 ? 'b0(v0: f64, v1: bool):' : `b${i}():`,
      `  branch v1, b${i + 1}, b${count + 1}`,
    ]).flat();
    const fn = functionOf([
      ...blocks,
      `b${count}():`,
      `  jump b${count + 1}`,
      `b${count + 1}():`,
      '  return v0',
    ]);
    const lines = drawn(fn);
    expect(Math.max(...lines.map((line) => line.search(/\S/)))).to.be.at.most(4);
    expect(lines.filter((line) => line.trim().startsWith('b')).length).to.equal(count + 3);
  });
});
