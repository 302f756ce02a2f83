/** What pictures of memory are made of, on memory that is written down here. */

import { expect } from 'chai';
import { EngineModel } from '../../src/inspect/engine-model.ts';
import { AddressSpace } from '../../src/inspect/picture/address-space.ts';
import { fragmentationOf } from '../../src/inspect/picture/fragmentation.ts';
import { MemoryCells } from '../../src/inspect/picture/memory-cells.ts';
import { placeAt } from '../../src/inspect/picture/place.ts';
import { ageScale, callScale } from '../../src/inspect/picture/quantities.ts';
import { rowsOf } from '../../src/inspect/picture/row-order.ts';
import { sourcePieces } from '../../src/inspect/picture/source-pieces.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';

interface Piece {
  readonly address: number;
  readonly size: number;
  readonly calls?: number | null;
  readonly born?: number | null;
  readonly name?: string;
  readonly kind?: number;
}

/** Two blocks far apart, each of 1024 bytes of which the first 64 are padding. */
const blocks = [0x10000, 0x90000];

function model(pieces: readonly Piece[]): EngineModel {
  return new EngineModel({
    id: 1,
    name: 'engine 1',
    revision: 1,
    whole: true,
    time: 60_000,
    backend: 'native',
    memory: { blockCount: 2, allocationCount: 0, usedSize: 0, reservedSize: 0, overheadSize: 0 },
    counters: { compiled: 0, released: 0, kernels: 0, cached: 0 },
    blockAddresses: blocks,
    blocks: blocks.map((address) => ({
      address,
      size: 1024,
      granularity: 64,
      runs: pieces
        .filter((piece) => piece.address >= address && piece.address < address + 1024)
        .flatMap((piece) => [piece.address - address, Math.ceil(piece.size / 64) * 64]),
    })),
    added: {
      ids: pieces.map((_, index) => index),
      kinds: pieces.map(({ kind = 0 }) => kind),
      names: pieces.map(({ name }, index) => name ?? `f${index}`),
      addresses: pieces.map(({ address }) => address),
      sizes: pieces.map(({ size }) => size),
      born: pieces.map(({ born = 0 }) => born),
      calls: pieces.map(({ calls = 0 }) => calls),
      owners: pieces.map(() => null),
    },
    calls: [],
    removed: [],
  });
}

describe('an address space', () => {
  it('has blocks one behind the other', () => {
    const space = new AddressSpace(model([]).blocks);
    expect(space.size).to.equal(2048);
    expect(space.positionOf(0x10000)).to.equal(0);
    expect(space.positionOf(0x90010)).to.equal(1024 + 16);
    for (const outside of [0, 0x10400, 0x8ffff, 0x90400])
      expect(space.positionOf(outside)).to.equal(undefined);
    for (const position of [0, 1023, 1024, 2047]) {
      expect(space.positionOf(space.addressAt(position))).to.equal(position);
    }
  });
});

describe('cells of memory', () => {
  const seed = seedFromEnvironment();
  it(`hold every byte of code once, at any zoom (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 50; round++) {
      const pieces: Piece[] = [];
      for (const block of blocks) {
        for (let at = 64; at < 1024; ) {
          const size = random.integer(1, 200);
          const rounded = Math.ceil(size / 64) * 64;
          if (at + rounded > 1024) break;
          if (random.chance(0.7)) pieces.push({ address: block + at, size, calls: random.integer(0, 1) });
          at += rounded;
        }
      }
      const known = model(pieces);
      const space = new AddressSpace(known.blocks);
      const from = random.integer(0, 1500);
      const size = random.integer(100, 2048 - from);
      const count = random.pick([7, 64, 333, 5000]);
      const cells = new MemoryCells(known, space, { from, size }, count, ({ calls }) => calls ?? undefined);
      const inside = (wanted: (piece: Piece) => number) =>
        pieces.reduce((sum, piece) => {
          const start = space.positionOf(piece.address) ?? 0;
          const overlap = Math.min(start + piece.size, from + size) - Math.max(start, from);
          return sum + Math.max(overlap, 0) * wanted(piece);
        }, 0);
      const total = (array: Float32Array) => array.reduce((sum, value) => sum + value, 0);
      expect(total(cells.known)).to.be.closeTo(
        inside(() => 1),
        0.05,
      );
      expect(total(cells.weighted)).to.be.closeTo(
        inside(({ calls }) => calls ?? 0),
        0.05,
      );
      expect(total(cells.used)).to.be.at.least(total(cells.known) - 0.05);
      expect(Math.max(...cells.used)).to.be.at.most(cells.cellSize * 1.001);
    }
  });

  it('tell functions without the quantity, kernels and the library apart', () => {
    const known = model([
      { address: 0x10040, size: 64, calls: null },
      { address: 0x10080, size: 32, kind: 1 },
      { address: 0x100c0, size: 16, kind: 2 },
    ]);
    const stretch = { from: 0, size: 2048 };
    const cells = new MemoryCells(
      known,
      new AddressSpace(known.blocks),
      stretch,
      1,
      ({ calls }) => calls ?? undefined,
    );
    expect(
      [cells.known, cells.unknown, cells.kernels, cells.library, cells.used].map(([sum]) => sum),
    ).to.deep.equal([0, 64, 32, 16, 192]);
  });
});

describe('a place in memory', () => {
  const known = model([
    { address: 0x10040, size: 40, calls: 3 },
    { address: 0x10080, size: 64, calls: 9 },
    { address: 0x90040, size: 100 },
  ]);
  const space = new AddressSpace(known.blocks);
  const at = (from: number, size = 1) => placeAt(known, space, { from, size });

  it('is a function, several, a gap or nothing', () => {
    expect(at(0x40)).to.include({ kind: 'code', code: known.code.get(0) });
    expect(at(0x40, 128)).to.deep.equal({ kind: 'several', count: 2, size: 104, hottest: known.code.get(1) });
    expect(at(0x40 + 50)).to.deep.equal({ kind: 'padding', address: 0x10040 + 40, size: 24 });
    expect(at(10)).to.deep.equal({ kind: 'free', address: 0x10000, size: 64 });
    expect(at(500)).to.deep.equal({ kind: 'free', address: 0x100c0, size: 0x400 - 0xc0 });
    expect(at(1024 + 0x45)).to.include({ kind: 'code', code: known.code.get(2) });
    expect(at(2048)).to.equal(undefined);
  });
});

describe('scales', () => {
  it('put the youngest and the most called at the end', () => {
    const known = model([
      { address: 0x10040, size: 40, born: 0, calls: 0 },
      { address: 0x10080, size: 40, born: 59_900, calls: 1000 },
      { address: 0x100c0, size: 40, born: null, calls: null },
    ]);
    for (const { quantity, marks } of [ageScale(known), callScale(known)]) {
      expect(known.functions.map(quantity)).to.deep.equal([0, 1, undefined]);
      for (const { at } of marks) expect(at).to.be.within(0, 1);
      expect(new Set(marks.map(({ at }) => at)).size).to.equal(marks.length);
    }
  });
});

describe('rows of functions', () => {
  const { functions } = model([
    { address: 0x10040, size: 40, calls: 5, born: 3, name: 'sin(x)' },
    { address: 0x10080, size: 50, calls: null, born: null, name: 'x + 1' },
    { address: 0x100c0, size: 40, calls: 7, born: 9, name: 'COS(x)' },
  ]);
  const ids = (key: 'name' | 'size' | 'calls' | 'born', descending: boolean, search = '') =>
    rowsOf(functions, { key, descending, search }).map(({ id }) => id);

  it('are in order, equals by age, and what is not known last', () => {
    expect(ids('size', true)).to.deep.equal([1, 0, 2]);
    expect(ids('size', false)).to.deep.equal([0, 2, 1]);
    expect(ids('calls', true)).to.deep.equal([2, 0, 1]);
    expect(ids('calls', false)).to.deep.equal([0, 2, 1]);
    expect(ids('born', true)).to.deep.equal([2, 0, 1]);
    expect(ids('name', false)).to.deep.equal([2, 0, 1]);
  });

  it('are those with the text, whatever its case', () => {
    expect(ids('size', false, 'cos(')).to.deep.equal([2]);
    expect(ids('size', false, '(X)')).to.deep.equal([0, 2]);
    expect(ids('size', false, 'tan')).to.deep.equal([]);
  });
});

describe('fragmentation', () => {
  it('is what is free, and what of that is not in one piece', () => {
    const block = (runs: number[]) => [{ address: 0, size: 1024, granularity: 64, runs }];
    expect(fragmentationOf([])).to.deep.equal({ unused: 0, scattered: 0, holes: 0 });
    expect(fragmentationOf(block([64, 960]))).to.deep.equal({ unused: 0, scattered: 0, holes: 0 });
    expect(fragmentationOf(block([64, 448]))).to.deep.equal({ unused: 0.5, scattered: 0, holes: 1 });
    expect(fragmentationOf(block([64, 64, 256, 256]))).to.deep.equal({
      unused: (128 + 512) / 1024,
      scattered: 1 - 512 / 640,
      holes: 2,
    });
  });
});

describe('pieces of a source', () => {
  const line = (start: number, end: number) => ({ text: '', value: null, span: [start, end] as const });

  it('have the smallest span that covers them', () => {
    const pieces = sourcePieces('a*(b+c) - d', [line(0, 11), line(3, 6), line(0, 7), line(3, 6), line(3, 4)]);
    expect(pieces.map(({ text, span }) => [text, span?.join()])).to.deep.equal([
      ['a*(', '0,7'],
      ['b', '3,4'],
      ['+c', '3,6'],
      [')', '0,7'],
      [' - d', '0,11'],
    ]);
    expect(sourcePieces('a + b', [line(4, 5)]).map(({ span }) => span)).to.deep.equal([null, [4, 5]]);
    expect(sourcePieces('a + b', [])).to.deep.equal([{ text: 'a + b', span: null }]);
  });

  it('are found in long sources, too', () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => [
      line(2 * i, 2 * i + 1),
      line(0, 2 * i + 1),
    ]).flat();
    expect(sourcePieces('x+'.repeat(50_000), lines)).to.have.length(100_000);
  });
});
