/**
 * The math library's code belongs to its engine, and formulas call it: it has to stay as long as any of them runs, whoever disposes of
 * the engine meanwhile. Memory that was given back is filled with breakpoints here, so who is wrong does not come back.
 */
import { expect } from 'chai';
import { Engine, JitAllocatorOptions } from '../../../src/index.ts';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { JitRuntime } from '../../../src/jit/runtime/jit-runtime.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';

const allocator = {
  options: JitAllocatorOptions.UseDualMapping | JitAllocatorOptions.FillUnusedMemory,
};

describe('the code of the math library', () => {
  it('stays where a host function disposes of the engine in front of a call', () => {
    const engine: Engine = new Engine({
      allocator,
      functions: {
        end: (x: number) => {
          engine.dispose();
          return x;
        },
      },
    });
    const f = engine.compile('exp(end(x)) + sin(x)', ['x']);
    expect(f(0)).to.equal(1);
    expect(f.released).to.equal(true);
  });

  it('stays while threads compute with it', async () => {
    const engine = new Engine({ allocator });
    const f = engine.compile('sin(x * 1e300) + pow(x, 3.5) + lgamma(x)', ['x']);
    const x = Float64Array.from({ length: 300_000 }, (_, i) => i * 0.37 + 1);
    const expected = f(elementAt([...x.subarray(7, 8)], 0));
    const run = f.mapAsync({ x }, { threads: 2 });
    engine.dispose();
    expect((await run)[7]).to.equal(expected);
  });

  it('takes as much memory as its functions, once, and none when the engine is gone', () => {
    requireAddon();
    const engine = new Engine({ allocator });
    const used = (): number => engine.statistics().memory.usedSize;
    const usedBehind = (source: string): number => {
      using f = engine.compile(source, ['x']);
      f.map({ x: [1, 1e9] });
      f.release();
      return used();
    };
    const one = usedBehind('sin(x)');
    expect(one).to.be.greaterThan(0);
    expect(usedBehind('sin(x) * 2')).to.equal(one);
    expect(usedBehind('cos(x)')).to.be.greaterThan(one);
    engine.dispose();
  });
});

describe('shared code of a runtime', () => {
  it('goes when the last activation of other code ends, and listeners hear of it', () => {
    const codeOf = (name: string): CodeHolder => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      a.bind(code.newLabel(name));
      a.ret();
      return code;
    };
    const runtime = new JitRuntime();
    const released: (string | undefined)[] = [];
    runtime.onRelease(({ name }) => released.push(name));
    const library = runtime.addShared(codeOf('library'), 'library');
    const caller = runtime.add(codeOf('caller'), 'caller');
    caller.enter();
    runtime[Symbol.dispose]();
    expect(caller.released).to.equal(true);
    expect(library.released).to.equal(false);
    expect(released).to.deep.equal([]);
    caller.leave();
    expect(library.released).to.equal(true);
    expect(released).to.deep.equal(['caller', 'library']);
  });
});
