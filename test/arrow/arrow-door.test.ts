import * as arrow from 'apache-arrow';
import { expect } from 'chai';
import { columnsOf, mapTable, mapVector, toVector } from '../../src/arrow/index.ts';
import { KernelError } from '../../src/index.ts';
import { eachBackend } from '../engine/each-backend.ts';

const rowsOf = (vector: arrow.Vector): unknown[] =>
  Array.from({ length: vector.length }, (_, row) => vector.get(row));

const table = arrow.tableFromArrays({
  price: Float64Array.of(2, 0, 5, 7),
  quantity: Int32Array.of(3, 4, 1, 2),
  flag: [true, null, false, true],
});

describe('exprjit/arrow', () => {
  eachBackend((createEngine) => {
    it('makes vectors of results, with their nulls', () => {
      const f = createEngine().compile('flag ? price : coalesce(flag, price)', ['flag', 'price']);
      const vector: arrow.Vector<arrow.Float64> = mapVector(f, table);
      expect(rowsOf(vector)).to.deep.equal([2, 0, 0, 7]);
      const strict = mapVector(createEngine().compile('price * flag', ['price', 'flag']), table);
      expect(rowsOf(strict)).to.deep.equal([2, null, 0, 7]);
      expect(strict.nullCount).to.equal(1);
      const chosen = mapVector(createEngine().compile('price + tax', ['price', 'tax']), {
        ...columnsOf(table, ['price']),
        tax: [1, null, 1, 1],
      });
      expect(rowsOf(chosen)).to.deep.equal([3, null, 6, 8]);
    });

    it('makes them of each type', () => {
      const f = createEngine().compile('x', ['x']);
      const x = [1, null, 300, -2.5];
      const bools: arrow.Vector<arrow.Bool> = mapVector(f, { x }, { type: 'mask' });
      expect(bools.type).to.be.instanceOf(arrow.Bool);
      expect(rowsOf(bools)).to.deep.equal([true, null, true, true]);
      for (const [type, arrowType, expected] of [
        ['f64', arrow.Float64, [1, null, 300, -2.5]],
        ['f32', arrow.Float32, [1, null, 300, -2.5]],
        ['i8', arrow.Int8, [1, null, 44, -2]],
        ['u8', arrow.Uint8, [1, null, 44, 254]],
        ['u8c', arrow.Uint8, [1, null, 255, 0]],
        ['i16', arrow.Int16, [1, null, 300, -2]],
        ['u16', arrow.Uint16, [1, null, 300, 65_534]],
        ['i32', arrow.Int32, [1, null, 300, -2]],
        ['u32', arrow.Uint32, [1, null, 300, 2 ** 32 - 2]],
        ['i64', arrow.Int64, [1n, null, 300n, -2n]],
        ['u64', arrow.Uint64, [1n, null, 300n, 2n ** 64n - 2n]],
      ] as const) {
        const vector = mapVector(f, { x }, { type });
        expect(vector.type, type).to.be.instanceOf(arrowType);
        expect(rowsOf(vector), type).to.deep.equal(expected);
      }
    });

    it('makes them on the memory of arrays', () => {
      const f = createEngine().compile('x', ['x']);
      const out = new Float64Array(9).subarray(2, 5);
      const vector = toVector(f.map({ x: [1, 2, 3] }, { out }));
      out[1] = 8;
      expect(rowsOf(vector)).to.deep.equal([1, 8, 3]);
      expect(vector.nullCount).to.equal(0);
      const nullable: arrow.Vector<arrow.Int16> = toVector(
        f.map({ x: [1, null] }, { type: 'i16', nulls: 'bitmap' }),
      );
      expect(rowsOf(nullable)).to.deep.equal([1, null]);
    });

    it('makes a table of the outputs of a kernel, which can be written', () => {
      const kernel = createEngine().kernel({
        outputs: { total: 'price * quantity', cheap: 'price < 5', n: 'index' },
      });
      const result = mapTable(kernel, table, { type: { cheap: 'mask', n: 'i64' } });
      const again = arrow.tableFromIPC(arrow.tableToIPC(result));
      expect(again.toArray().map((row) => row?.toJSON())).to.deep.equal([
        { total: 6, cheap: true, n: 0n },
        { total: 0, cheap: true, n: 1n },
        { total: 5, cheap: false, n: 2n },
        { total: 14, cheap: false, n: 3n },
      ]);
      expect(
        rowsOf(mapTable(kernel, { price: [1, null], quantity: 2 }).getChild('total') as arrow.Vector),
      ).to.deep.equal([2, null]);
    });

    it('gives vectors that are columns again', () => {
      const f = createEngine().compile('x + 1', ['x']);
      let vector = mapVector(f, { x: [1, null, 3] });
      for (let i = 0; i < 3; i++) vector = mapVector(f, { x: vector.slice(0, 3) });
      expect(rowsOf(vector)).to.deep.equal([5, null, 7]);
      const empty = mapVector(f, { x: [] });
      expect(empty.length).to.equal(0);
    });

    it('throws what map throws', () => {
      const f = createEngine().compile('x + price', ['x', 'price']);
      expect(() => mapVector(f, table)).to.throw(KernelError, 'lack x');
      expect(() => toVector([1, 2] as never)).to.throw(TypeError, 'results of map');
      expect(() => toVector({ values: new DataView(new ArrayBuffer(8)) } as never)).to.throw(TypeError);
      expect(() => toVector(null as never)).to.throw(TypeError, 'results of map');
    });
  });
});
