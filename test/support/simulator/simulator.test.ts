/** The simulator against the CPU: each instruction that both have, on the same registers and the same memory. */
import { expect } from 'chai';
import { cpuFeatureBits } from '../../../src/jit/x64/cpu-feature.ts';
import { Space } from '../../../src/jit/x64/encoding-notation.ts';
import type { Form } from '../../../src/jit/x64/form.ts';
import { instructions } from '../../../src/jit/x64/instruction.ts';
import type { Mnemonic } from '../../../src/jit/x64/mnemonics.ts';
import { VirtMem } from '../../../src/mem/virt-mem.ts';
import { MemoryFlags } from '../../../src/mem/virt-mem-backend.ts';
import { addressAt } from '../../../src/native/address.ts';
import { FrameSlot, frameLength } from '../../../src/native/frame.ts';
import { alignUp } from '../../../src/support/alignment.ts';
import { nativeSession } from '../native-session.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { bytesOf } from '../run-kernel.ts';
import { nativeLevels } from '../run-native.ts';
import { simulatedMnemonics } from './instruction-table.ts';
import {
  type StateKind,
  stateLayout,
  type Trial,
  TrialWriter,
  trialConvention,
} from './instruction-trial.ts';
import { randomState } from './random-state.ts';
import { callSimulated } from './simulated-call.ts';
import { Simulator } from './simulator.ts';

const session = nativeSession();
const kind: StateKind = nativeLevels.includes('avx512')
  ? 'avx512'
  : nativeLevels.includes('avx2')
    ? 'avx'
    : 'sse';
const seed = seedFromEnvironment();
const statesPerTrial = 12;
/** In the simulator. */
const stateAddress = 0x10_0000;
const frameAddress = 0x20_0000;

/** Their effects are not on the state, and every trial uses them. Divisions trap for most states. */
const withoutTrial = /^(j.*|call|ret|push|pop|fxsave64|fxrstor64|i?div)$/;

/** All forms by which the mnemonics of the simulator's table can be encoded. */
function formsIn(space: number): Form[] {
  const features = cpuFeatureBits(session().addon.cpuInfo().features);
  return simulatedMnemonics
    .filter((mnemonic) => !withoutTrial.test(mnemonic))
    .flatMap((mnemonic) => [mnemonic, `v${mnemonic}`])
    .flatMap((mnemonic) => instructions.get(mnemonic as Mnemonic)?.forms ?? [])
    .filter((form) => form.space === space && (form.features & ~features) === 0 && !isUnused(form));
}

/** Forms that only share their names with what the compiler uses, and that the simulator need not know: wide products, strings. */
function isUnused({ mnemonic, operands }: Form): boolean {
  return (
    (mnemonic === 'imul' && operands.length === 1) ||
    (/^(movs|cmps)d$/.test(mnemonic) && operands.length === 0)
  );
}

/** Runs trials one after the other on the CPU and in the simulator. */
class Comparison implements Disposable {
  readonly #writer: TrialWriter;
  readonly #simulator: Simulator;
  readonly #size: number;
  readonly #memory: ReturnType<typeof VirtMem.allocDualMapping>;
  readonly #state = VirtMem.alloc(VirtMem.info().pageSize, MemoryFlags.AccessRead | MemoryFlags.AccessWrite);
  readonly #simulated = new Uint8Array(stateLayout.size);

  constructor(writer: TrialWriter) {
    this.#writer = writer;
    this.#size = alignUp(writer.code.codeSize, VirtMem.info().pageSize);
    this.#memory = VirtMem.allocDualMapping(this.#size, MemoryFlags.None);
    VirtMem.write(this.#memory.rw, writer.code.relocate(this.#memory.rx));
    VirtMem.flushInstructionCache(this.#memory.rx, this.#size);
    this.#simulator = new Simulator(writer.code, { level: 'avx512' });
    const frame = new BigUint64Array(frameLength);
    frame[FrameSlot.Arguments] = BigInt(stateAddress);
    this.#simulator.memory.add('the state', stateAddress, this.#simulated, 'read and write');
    this.#simulator.memory.add('the frame', frameAddress, bytesOf(frame), 'read');
  }

  /** Where the states differ afterwards, or undefined. */
  difference({ body, text }: Trial, state: Uint8Array): string | undefined {
    const { code, entry } = this.#writer;
    const native = state.slice();
    setBody(native, addressAt(this.#memory.rx, code.offsetOf(body)));
    VirtMem.write(this.#state, native);
    const { addon, frame, integers } = session();
    frame[FrameSlot.Entry] = addressAt(this.#memory.rx, code.offsetOf(entry));
    integers[FrameSlot.Arguments] = BigInt(this.#state);
    addon.invoke();
    native.set(VirtMem.read(this.#state, stateLayout.size));

    const simulated = this.#simulated;
    simulated.set(state);
    setBody(simulated, this.#simulator.addressOf(body));
    callSimulated(this.#simulator, trialConvention, this.#simulator.addressOf(entry), BigInt(frameAddress));

    for (const result of [native, simulated]) setBody(result, 0);
    const at = native.findIndex((byte, index) => byte !== simulated[index]);
    if (at < 0) return undefined;
    const [found, wanted] = [simulated, native].map((bytes) => hex(bytes, at & -16));
    return `${text}: ${placeOf(at)} is ${found}, not ${wanted}`;
  }

  [Symbol.dispose](): void {
    this.#simulator[Symbol.dispose]();
    VirtMem.releaseDualMapping(this.#memory, this.#size);
    VirtMem.release(this.#state, VirtMem.info().pageSize);
  }
}

function setBody(state: Uint8Array, address: number): void {
  new DataView(state.buffer, state.byteOffset).setBigUint64(stateLayout.body, BigInt(address), true);
}

function hex(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 16)).toString('hex');
}

function placeOf(at: number): string {
  const { vectors, masks, general, flags, data } = stateLayout;
  if (at < masks) return `vector ${(at - vectors) >> 6}, byte ${at & 48}`;
  if (at < general) return `mask ${(at - masks) >> 3}`;
  if (at < flags) return `general register ${(at - general) >> 3}`;
  return at < data ? `flag ${at - flags}` : `memory at ${(at - data) & -16}`;
}

describe(`the simulator, against the CPU (seed ${seed})`, () => {
  for (const [name, space] of Object.entries(Space)) {
    const forms = formsIn(space);
    if (forms.length === 0) continue;
    it(`${name} encodings, on random registers`, () => {
      const random = new Random(seed);
      const writer = new TrialWriter(kind, random);
      const trials = forms.flatMap((form) => writer.trials(form));
      using comparison = new Comparison(writer);
      const differences = trials.flatMap((trial) => {
        for (let i = 0; i < statesPerTrial; i++) {
          const difference = comparison.difference(trial, randomState(random));
          if (difference !== undefined) return [difference];
        }
        return [];
      });
      expect(differences.slice(0, 20)).to.deep.equal([]);
    });
  }
});
