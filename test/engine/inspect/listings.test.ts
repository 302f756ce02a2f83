/** What people see of a formula, from its IR to machine code, as a function and as a kernel. */
import { expect } from 'chai';
import { Engine, type ExplainOptions } from '../../../src/index.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { expectGolden } from '../../support/golden.ts';

const cases: readonly [name: string, source: string, options: ExplainOptions][] = [
  ['function.sse2', 'x < 0 ? noise(x) : sin(x) + 1', { cpu: 'sse2' }],
  ['kernel.avx2', 'x*y + 1', { cpu: 'avx2', kernel: 'f64' }],
];

describe('explanations', () => {
  const engine = new Engine({ functions: { noise: (x) => x } });
  after(() => engine.dispose());

  for (const [name, source, options] of cases) {
    it(`of ${name} are as they were`, () => {
      requireAddon();
      const { ir, code } = engine.explain(source, undefined, options);
      const machine = code?.machine.map(({ stage, text }) => `${stage}:\n${text}\n`) ?? [];
      const parts = [source, '', ir.at(-1)?.text, '', ...machine, 'listing:', code?.listing, ''];
      const text = parts.join('\n');
      expect(text.split('\n')).to.have.length.below(360);
      expectGolden(`test/engine/inspect/golden/${name}.txt`, text);
    });
  }

  it('name no address, so they are the same in every process', () => {
    for (const kernel of [undefined, 'f64'] as const) {
      const source = 'sum(i, 1, x, noise(i) + sin(i) + i % 3)';
      const { code } = engine.explain(source, ['x'], kernel === undefined ? {} : { kernel });
      for (const line of code?.listing.split('\n') ?? []) {
        const target = / {2}(?:call|jmp|j[a-z]+) (.*)$/.exec(line)?.[1];
        if (target !== undefined)
          expect(target).to.match(/^(L\d+|main|sin|rem|host {2}; (noise|refuel|look))$/);
      }
    }
  });
});
