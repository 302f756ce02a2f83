/** The routine that repairs lanes, at each width: what it calls, what it leaves alone. */
import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { sysv, win64 } from '../../../src/jit/machine/convention.ts';
import { featureLevels, lanesOfLevel } from '../../../src/jit/machine/feature-level.ts';
import { generate } from '../../../src/jit/machine/generate.ts';
import { hostTarget } from '../../../src/jit/machine/host-target.ts';
import { callStack, emitRepairRoutine, repairStack } from '../../../src/jit/machine/lane-repairs.ts';
import { mathFunctionCode, mathRepairCode } from '../../../src/jit/machine/math-code.ts';
import { mathFunctions } from '../../../src/jit/math/library.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import type { LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import { dwordPtr, ptr } from '../../../src/jit/x64/memory.ts';
import { gp64, r11, rsp } from '../../../src/jit/x64/register.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';
import { garbage, type Machine } from '../../support/simulator/machine.ts';
import { Simulator } from '../../support/simulator/simulator.ts';
import { registerOffset, vectorBytes } from '../../support/simulator/vector-file.ts';

const functionAddress = 0x7f11_0000_0000;

/** What a scalar function may do to registers: everything that values may have. */
function overwrite({ general, vectors }: Machine): void {
  for (const id of [0, 1, 2, 6, 7, 8, 9, 10, 11]) general[id] = 0xdead_beefn;
  for (let id = 0; id < 16; id++)
    vectors.quads.fill(0xbadn, registerOffset(id) / 8, registerOffset(id) / 8 + 8);
}

interface Repaired {
  readonly results: readonly number[];
  readonly calls: readonly (readonly number[])[];
  readonly changed: readonly string[];
}

/** Runs the routine on results and arguments of which the lanes in `usual` need no repair. */
function repair(level: (typeof featureLevels)[number], arity: 1 | 2, usual: number): Repaired {
  const lanes = lanesOfLevel(level);
  const code = new CodeHolder();
  const a = new Assembler(code);
  const [entry, routine] = [code.newLabel(), code.newLabel()];
  const size = lanes * 8;
  a.bind(entry);
  a.sub(rsp, 2 * size + 16);
  a.mov(dwordPtr(rsp, 2 * size), usual);
  for (let lane = 0; lane < lanes; lane++) {
    for (const [offset, value] of [
      [lane * 8, 100 + lane],
      [size + lane * 8, 1 + lane],
    ] as const) {
      a.movabs(r11, new BigInt64Array(Float64Array.of(value).buffer)[0] ?? 0n);
      a.mov(ptr(rsp, offset), r11);
    }
  }
  a.movabs(r11, functionAddress);
  a.call(routine);
  // Results to memory that the test sees.
  for (let lane = 0; lane < lanes; lane++) {
    // Each push moves what is above.
    a.mov(r11, ptr(rsp, 2 * lane * 8));
    a.push(r11);
  }
  a.add(rsp, lanes * 8 + 2 * size + 16);
  a.ret();
  a.bind(routine);
  emitRepairRoutine(a, lanes, arity);

  const calls: number[][] = [];
  const routines = new Map([
    [
      functionAddress,
      (machine: Machine): void => {
        const { doubles } = machine.vectors;
        const args = [0, 1].slice(0, arity).map((id) => elementAt(doubles, registerOffset(id) / 8));
        calls.push(args);
        overwrite(machine);
        doubles[registerOffset(0) / 8] = args.reduce((sum, x) => sum + x, 1000);
      },
    ],
  ]);
  using simulator = new Simulator(code, { level, routines });
  const { machine } = simulator;
  for (let id = 0; id < 16; id++) if (id !== 4) machine.general[id] = garbage + BigInt(id);
  machine.vectors.quads.forEach((_, i) => {
    machine.vectors.quads[i] = garbage - BigInt(i);
  });
  const [general, quads] = [machine.general.slice(), machine.vectors.quads.slice(0, 32 * (vectorBytes / 8))];
  simulator.run(simulator.addressOf(entry), { leavesUpperDirty: true });
  const changed: string[] = [];
  for (const { id } of gp64)
    if (id !== 11 && machine.general[id] !== general[id] && id !== 4) changed.push(`gp64[${id}]`);
  for (let id = 0; id < 16; id++) {
    const start = registerOffset(id) / 8;
    for (let lane = 0; lane < lanes; lane++) {
      if (machine.vectors.quads[start + lane] !== quads[start + lane])
        changed.push(`vector ${id}, lane ${lane}`);
    }
  }
  // The pushes stand below what was there, the last lane lowest.
  const top = simulator.stack.length - 64 - 8 - (2 * size + 16);
  const stack = new Float64Array(simulator.stack.slice(top - lanes * 8, top).buffer);
  return { results: [...stack].reverse(), calls, changed };
}

/** What uses a value both as it is and repaired. */
const shared = `function f(f64x4, f64x4): f64 {
b0(v0: f64x4, v1: f64x4):
  v2: f64x4 = fmul v0, v1
  v3: maskx4 = flt v0, v1
  v4: f64x4 = frepair sin(v3, v2, v0)
  v5: f64x4 = frepair sin(v3, v2, v1)
  v6: f64x4 = fadd v4, v5
  v7: f64x4 = fadd v6, v2
  v8: f64x4 = give 0(v7)
  v9 = fconst 0
  return v9
}
`;

describe('repairs of lanes', () => {
  it('leave a value that is used again, and work on a copy', () => {
    for (const level of ['sse2', 'avx2', 'avx512'] as const) {
      const lanes = lanesOfLevel(level);
      const module = parseModule(shared.replaceAll('x4', `x${lanes}`));
      const log: LoggedInstruction[] = [];
      const target = hostTarget(requireAddon(), { level, fuel: false });
      generate(module, target, { log, exports: [], check: true });
      const lines = log.map(({ text }) => text);
      const product = /mulpd ([xyz]mm\d+)/.exec(lines.join('\n'))?.[1];
      const copies = lines.filter((line) => new RegExp(`movap[sd] [xyz]mm\\d+, ${product}$`).test(line));
      expect(copies.length, lines.join('\n')).to.be.at.least(1);
    }
  });

  for (const level of featureLevels) {
    const lanes = lanesOfLevel(level);
    for (const arity of [1, 2] as const) {
      it(`call functions of ${arity} for the lanes that need it, at level ${level}`, () => {
        for (let usual = 0; usual < 2 ** lanes; usual++) {
          const { results, calls, changed } = repair(level, arity, usual);
          expect(changed).to.deep.equal([]);
          const rare = Array.from({ length: lanes }, (_, lane) => lane).filter(
            (lane) => ((usual >> lane) & 1) === 0,
          );
          const argsOf = (lane: number): number[] => (arity === 1 ? [1 + lane] : [100 + lane, 1 + lane]);
          expect(calls).to.deep.equal(rare.map(argsOf));
          expect(results).to.deep.equal(
            results.map((_, lane) =>
              rare.includes(lane) ? argsOf(lane).reduce((sum, x) => sum + x, 1000) : 100 + lane,
            ),
          );
        }
      });
    }

    it(`and calls take no more stack than is accounted for, at level ${level}`, () => {
      for (const convention of [sysv, win64]) {
        const frames = [...mathFunctions.keys()].map(
          (name) => mathFunctionCode(name, level, convention).frameSize,
        );
        // Twelve registers, sixteen vectors, what stands around the call, and three return addresses.
        const routine = 12 * 8 + 16 * lanes * 8 + (2 * lanes * 8 + 16) + 3 * 8;
        expect(Math.max(...frames) + 8).to.be.at.most(callStack);
        expect(routine + Math.max(...frames)).to.be.at.most(repairStack);
      }
      expect(mathRepairCode(level, 1)).to.equal(mathRepairCode(level, 1));
    });
  }
});
