/** What stays when V8 ends a script amid a call, an engine is disposed of amid a compilation, or code refers to itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Engine } from '../../../src/index.ts';
import { compileIr, IrBuilder, IrModule, op, parseModule, ReleasedError } from '../../../src/ir.ts';

const backends = ['native', 'wasm', 'interpreter'] as const;

const calling = `
  host h(f64): f64
  function f(f64): f64 {
  b0(v0: f64):
    v1: f64 = callhost h(v0)
    return v1
  }
  function spin(f64): f64 {
  b0(v0: f64):
    jump b1(v0)
  b1(v1: f64):
    v2 = fconst 1
    v3 = fsub v1, v2
    v4 = fconst 0
    v5 = fgt v3, v4
    branch v5, b1(v3), b2
  b2():
    return v3
  }`;

const zero = (): number => 0;

const forever = (): number => {
  for (;;);
};

/** Calls `f` until V8 ends the script that does. */
function cutOff(f: unknown): void {
  expect(() => runInNewContext('f(1)', { f }, { timeout: 20 })).to.throw('timed out');
}

async function collected(count: () => number, expected: number): Promise<void> {
  for (let i = 0; i < 20 && count() !== expected; i++) {
    globalThis.gc?.();
    await sleep(10);
  }
  expect(count()).to.equal(expected);
}

for (const backend of backends) {
  describe(`calls of modules that are cut off: ${backend}`, () => {
    it('leave no time limit to others', async () => {
      using timed = new Engine({ backend, limits: { timeout: 60 } });
      using code = compileIr(parseModule(calling), { engine: timed, hosts: { h: forever } });
      cutOff(code.functions['f']);
      await sleep(80);
      for (const other of backends) {
        using engine = new Engine({ backend: other });
        using spinning = compileIr(parseModule(calling), { engine, hosts: { h: zero } });
        expect(spinning.functions['spin']?.(200_000), other).to.equal(0);
      }
    });

    it('leave the memory of their values to others', () => {
      const module = new IrModule();
      module.hosts.push({ name: 'h', arity: 1 });
      const b = new IrBuilder(module, 'f', ['f64'], 'f64');
      const [x] = b.parameters;
      let sum = x;
      for (let i = 0; i < 100_000; i++) sum = b.emit(op.fadd, sum, x);
      b.return(b.emit(op.fadd, sum, b.callHost('h', x)));
      using engine = new Engine({ backend });
      let isEndless = false;
      using code = compileIr(module, { engine, level: 0, hosts: { h: (y) => (isEndless ? forever() : y) } });
      const call = () => code.functions['f']?.(1);
      expect(call()).to.equal(100_002);
      isEndless = true;
      for (let i = 0; i < 24; i++) cutOff(call);
      isEndless = false;
      expect(call()).to.equal(100_002);
    }).timeout(20_000);
  });

  describe(`code of modules: ${backend}`, () => {
    it('is given back with what its hosts refer to, itself too', async () => {
      for (const end of ['forgotten', 'disposed'] as const) {
        let count = 0;
        const registry = new FinalizationRegistry(() => count++);
        const make = () => {
          const engine = new Engine({ backend });
          const held = {};
          registry.register(held, undefined);
          const box: { f?: (x: number) => unknown; readonly held: object } = { held };
          const h = (x: number): number => (x > 0 ? Number(box.f?.(x - 1)) : 7);
          const code = compileIr(parseModule(calling), { engine, hosts: { h } });
          box.f = code.functions['f'] as (x: number) => unknown;
          expect(box.f(2)).to.equal(7);
          if (end === 'disposed') engine.dispose();
        };
        for (let i = 0; i < 5; i++) make();
        await collected(() => count, 5);
      }
    });

    it('is given back although its release failed for want of stack', async () => {
      using engine = new Engine({ backend });
      let failures = 0;
      const make = (depth: number) => {
        const code = compileIr(parseModule(calling), { engine, hosts: { h: zero } });
        let frames = 0;
        const deep = (): void => {
          try {
            deep();
          } catch (error) {
            if (++frames === depth) {
              try {
                code.release();
              } catch {
                failures++;
              }
            }
            throw error;
          }
        };
        expect(deep).to.throw(RangeError);
      };
      for (let i = 0; i < 30; i++) make(2 + 2 * i);
      expect(failures).to.be.greaterThan(0);
      await collected(() => engine.statistics().functionCount, 0);
    });

    it('is none where the engine is disposed of while it is made', () => {
      const disposing: readonly ((engine: Engine) => object)[] = [
        (engine) => ({
          get exports() {
            engine.dispose();
            return undefined;
          },
        }),
        (engine) => ({
          get level() {
            engine.dispose();
            return 1;
          },
        }),
      ];
      for (const options of disposing) {
        const engine = new Engine({ backend });
        const given = Object.defineProperty(options(engine), 'hosts', {
          value: { h: zero },
          enumerable: true,
        });
        expect(() => engine.compileIr(parseModule(calling), given)).to.throw(ReleasedError);
      }
    });
  });
}
