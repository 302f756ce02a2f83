/**
 * WebAssembly SIMD, as one would write it by hand: two doubles a vector, {@link unroll} vectors an iteration, common
 * subexpressions computed once, constants in locals, and as many accumulators as vectors in a reduction.
 *
 * Every operation gets a local of its own, found again by what it computes; V8's compiler removes the copies.
 * Lengths must be multiples of what one iteration takes; those of the benchmark are.
 */
import loadWabt from 'wabt';
import { invariant } from '../../src/support/invariant.ts';
import { columnValue, type KernelWorkload } from '../kernels.workloads.ts';
import { type KernelPeer, measureHere, type PreparedKernel, probeCount } from './kernels-peer.ts';
import { type Dialect, translate } from './kernels-translate.ts';

const unroll = 4;
const pageSize = 65_536;
/** Columns start apart by a bit more than their length, so that none is at another's place within a page. */
const columnGap = 64 + 256;

let assembler: Awaited<ReturnType<typeof loadWabt>> | undefined;

export const wasmPeer: KernelPeer = {
  name: 'Wasm SIMD',
  async unavailable() {
    assembler ??= await loadWabt();
    return undefined;
  },
  prepare(workload, length) {
    return workload.group === 'arithmetic' ? prepare(workload, length) : undefined;
  },
};

/** What is used here of the WebAssembly API, which Node has but its type declarations leave to browsers'. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly run: (length: number, ...columns: number[]) => number;
    };
  };
};

function prepare(workload: KernelWorkload, length: number): PreparedKernel {
  invariant(assembler !== undefined && length % (2 * unroll) === 0, 'the peer is not ready for this');
  const inputSize = workload.columnType === 'f32' ? 4 : 8;
  const ranges = Object.values(workload.columns);
  const outputs = Object.keys(workload.outputs);
  let size = 64;
  const place = (elementSize: number): number => {
    const offset = size;
    size += Math.ceil((length * elementSize) / 64) * 64 + columnGap;
    return offset;
  };
  const inputOffsets = ranges.map(() => place(inputSize));
  const outputOffsets = workload.reduce === undefined ? outputs.map(() => place(8)) : [];
  const text = printModule(workload, Math.ceil(size / pageSize));
  const module = assembler.parseWat('kernel.wat', text, { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(buffer)));
  const { memory, run } = instance.exports;
  for (const [column, range] of ranges.entries()) {
    const kind = workload.columnType === 'f32' ? Float32Array : Float64Array;
    const values = new kind(memory.buffer, inputOffsets[column], length);
    for (let index = 0; index < length; index++) values[index] = columnValue(index, column, range);
  }
  let total = 0;
  return {
    measure: (iterations) =>
      measureHere(iterations, () => {
        total = run(length, ...inputOffsets, ...outputOffsets);
      }),
    probe: () =>
      workload.reduce === undefined
        ? outputOffsets.flatMap((offset) => [...new Float64Array(memory.buffer, offset, probeCount)])
        : [total],
  };
}

/** The text of a module with memory of so many pages. */
function printModule(workload: KernelWorkload, pages: number): string {
  const inputs = Object.keys(workload.columns);
  const outputs = Object.keys(workload.outputs);
  const pointers = [...inputs, ...(workload.reduce === undefined ? outputs : [])];
  const narrow = workload.columnType === 'f32';
  const body = new VectorCode();
  const lanes = Array.from({ length: unroll }, (_, lane) => lane);
  const step = (pointer: string, lane: number) =>
    `offset=${lane * (narrow && inputs.includes(pointer) ? 8 : 16)}`;
  for (const lane of lanes) {
    for (const input of inputs) {
      const load = narrow ? 'v128.load64_zero' : 'v128.load';
      const loaded = `(${load} ${step(input, lane)} (local.get $${input}))`;
      body.names.set(input, body.compute(narrow ? `(f64x2.promote_low_f32x4 ${loaded})` : loaded));
    }
    for (const output of outputs) {
      const value = translate(workload.outputs[output] as string, body);
      body.statements.push(
        workload.reduce === undefined
          ? `(v128.store ${step(output, lane)} (local.get $${output}) ${value})`
          : `(local.set $total${lane} (f64x2.add (local.get $total${lane}) ${value}))`,
      );
    }
  }
  const advance = pointers.map((pointer) => {
    const bytes = unroll * (narrow && inputs.includes(pointer) ? 8 : 16);
    return `(local.set $${pointer} (i32.add (local.get $${pointer}) (i32.const ${bytes})))`;
  });
  const sum = lanes.flatMap((lane) =>
    [0, 1].map((half) => `(f64x2.extract_lane ${half} (local.get $total${lane}))`),
  );
  return `(module
    (memory (export "memory") ${pages} ${pages})
    (func (export "run") (param $left i32) ${pointers.map((name) => `(param $${name} i32)`).join(' ')} (result f64)
      ${lanes.map((lane) => `(local $total${lane} v128)`).join(' ')}
      ${body.locals.map((local) => `(local ${local} v128)`).join(' ')}
      ${body.constants.join('\n')}
      (loop $next
        ${body.statements.join('\n        ')}
        ${advance.join('\n        ')}
        (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const ${2 * unroll})))))
      ${sum.reduce((left, right) => `(f64.add ${left} ${right})`)}))`;
}

const operations: Readonly<Record<string, string>> = {
  '+': 'f64x2.add',
  '-': 'f64x2.sub',
  '*': 'f64x2.mul',
  '/': 'f64x2.div',
  '<': 'f64x2.lt',
  '<=': 'f64x2.le',
  '>': 'f64x2.gt',
  '>=': 'f64x2.ge',
  '==': 'f64x2.eq',
  '!=': 'f64x2.ne',
  and: 'v128.and',
  or: 'v128.or',
};

/** Straight-line code on vectors; a form is the `local.get` of what it computed. */
class VectorCode implements Dialect<string> {
  readonly names = new Map<string, string>();
  readonly locals: string[] = [];
  readonly constants: string[] = [];
  readonly statements: string[] = [];
  readonly #computed = new Map<string, string>();

  compute(code: string, statements = this.statements): string {
    const known = this.#computed.get(code);
    if (known !== undefined) return known;
    const local = `$v${this.locals.length}`;
    this.locals.push(local);
    statements.push(`(local.set ${local} ${code})`);
    this.#computed.set(code, `(local.get ${local})`);
    return `(local.get ${local})`;
  }

  number(value: number): string {
    return this.compute(`(v128.const f64x2 ${value} ${value})`, this.constants);
  }

  name(name: string): string {
    const loaded = this.names.get(name);
    invariant(loaded !== undefined, `no column ${name}`);
    return loaded;
  }

  negate(operand: string): string {
    return this.compute(`(f64x2.neg ${operand})`);
  }

  binary(operator: string, left: string, right: string): string {
    return this.compute(`(${operations[operator]} ${left} ${right})`);
  }

  conditional(test: string, consequent: string, alternate: string): string {
    return this.compute(`(v128.bitselect ${consequent} ${alternate} ${test})`);
  }

  call(callee: string, args: readonly string[]): string {
    if (callee === 'clamp') return this.call('min', [this.call('max', args.slice(0, 2)), args[2] as string]);
    return this.compute(`(f64x2.${callee} ${args.join(' ')})`);
  }
}
