import { expect } from 'chai';
import { eachBackend } from '../each-backend.ts';

describe('a kernel that runs within a host function of itself', () => {
  eachBackend((createEngine) => {
    for (const rows of [10, 30_000]) {
      it(`gives both runs their results, of ${rows} rows`, () => {
        let inner: (() => void) | undefined;
        const engine = createEngine({
          functions: {
            h(x) {
              const run = inner;
              inner = undefined;
              run?.();
              return x * 2;
            },
          },
        });
        const f = engine.compile('h(x) + 1', ['x']);
        const column = (first: number) => Float64Array.from({ length: rows }, (_, row) => first + row);
        let results: Float64Array = new Float64Array();
        inner = () => {
          results = f.map({ x: column(100) });
        };
        expect([...f.map({ x: column(0) })]).to.deep.equal([...column(0)].map((x) => 2 * x + 1));
        expect([...results]).to.deep.equal([...column(100)].map((x) => 2 * x + 1));
        let sum = 0;
        inner = () => {
          sum = f.reduce('sum', { x: column(5) });
        };
        expect(f.reduce('sum', { x: column(0) })).to.equal(rows * rows);
        expect(sum).to.equal(rows * rows + 10 * rows);
      });
    }

    it('never takes what it writes for what it reads, on shared memory of two names', async () => {
      const engine = createEngine();
      const f = engine.compile('x * 2 + 1', ['x']);
      const rows = 20_000;
      const memory = new SharedArrayBuffer((rows + 1) * 8);
      const x = new Float64Array(memory, 0, rows);
      const out = new Float64Array(structuredClone(memory), 8, rows);
      for (const run of [() => f.map({ x }, { out }), () => f.mapAsync({ x }, { out })]) {
        for (let row = 0; row < rows; row++) x[row] = row;
        const expected = Array.from(x, (value) => value * 2 + 1);
        try {
          expect([...(await run())]).to.deep.equal(expected);
        } catch (error) {
          expect(error).to.have.property('code', 'E_OVERLAP');
        }
      }
    });
  });
});
