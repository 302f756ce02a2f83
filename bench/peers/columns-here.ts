/** What computes columns in this process: loops that V8 compiles, and this project. */
import { type ColumnInput, Engine } from 'exprjit';
import type { ColumnCase } from '../columns.cases.ts';
import { groupCount } from '../columns.cases.ts';
import { columnData, endsOf, resultLength } from './columns-data.ts';
import { type KernelPeer, measureHere, type PreparedKernel } from './kernels-peer.ts';

/** Sums in another order are rounded otherwise. */
const tolerance = 1e-9;

/** The loop that a program has today, compiled by V8 for this case alone. */
export const v8Peer: KernelPeer<ColumnCase> = {
  name: 'V8 loop',
  unavailable: () => undefined,
  prepare(each, length) {
    const { out, run } = v8Loop(each, length);
    return {
      measure: (iterations) => measureHere(iterations, run),
      probe: () => endsOf(out),
    };
  },
};

export const plainPeer: KernelPeer<ColumnCase> = {
  name: 'exprjit, plain sum',
  unavailable: () => undefined,
  prepare: (each, length) =>
    each.way === 'exact sum' ? prepare({ ...each, way: 'sum' }, length) : undefined,
};

export const exprjitPeer: KernelPeer<ColumnCase> = {
  name: 'exprjit',
  unavailable: () => undefined,
  prepare,
};

function v8Loop(each: ColumnCase, length: number): { out: Float64Array; run: () => void } {
  const { values, bits, keys } = columnData(each, length);
  const out = new Float64Array(resultLength(each, length));
  const names = [...values.keys(), ...[...bits.keys()].map((name) => `${name}Bits`)];
  const loop = new Function(...names, 'keys', 'n', 'out', 'outBits', each.loop) as (
    ...args: unknown[]
  ) => void;
  const args = [
    ...values.values(),
    ...bits.values(),
    keys,
    length,
    out,
    new Uint8Array(Math.ceil(length / 8)),
  ];
  return { out, run: () => loop(...args) };
}

/** @throws Error if not every number is that of V8's loop */
function prepare(each: ColumnCase, length: number): PreparedKernel {
  const engine = new Engine({ backend: 'native' });
  const { values, bits, keys } = columnData(each, length);
  const columns = Object.fromEntries(
    [...values].map(([name, own]): [string, ColumnInput] => {
      const validity = bits.get(name);
      return [name, validity === undefined ? own : { values: own, validity }];
    }),
  );
  const f = engine.compile(each.source, [...values.keys()]);
  let out: Float64Array = new Float64Array(resultLength(each, length));
  const run = {
    map: () => f.map(columns, { out }),
    'map with bitmap': () => f.map(columns, { out, nulls: 'bitmap' }),
    sum: () => out.fill(f.reduce('sum', columns)),
    'exact sum': () => out.fill(f.reduce('sum', columns, { exact: true })),
    'sums of groups': () => {
      out = f.reduceBy('sum', columns, { by: keys, groups: groupCount });
    },
  }[each.way];
  run();
  const right = v8Loop(each, length);
  right.run();
  out.forEach((value, at) => {
    const expected = right.out[at] as number;
    if (
      Object.is(value, expected) ||
      Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected))
    )
      return;
    throw new Error(`${each.name}: ${value} instead of ${expected} at ${at} of ${length}`);
  });
  return {
    measure: (iterations) => measureHere(iterations, run),
    probe: () => endsOf(out),
    release: () => engine.dispose(),
  };
}
