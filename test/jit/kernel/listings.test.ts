import { generateKernel } from '../../../src/jit/kernel/generate-kernel.ts';
import type { ColumnType, KernelOutput, KernelParameter } from '../../../src/jit/kernel/kernel-spec.ts';
import type { FeatureLevel } from '../../../src/jit/machine/feature-level.ts';
import { hostTarget } from '../../../src/jit/machine/generate.ts';
import { formatListing, type LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { expectGolden } from '../../support/golden.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';

const column = (type: ColumnType): KernelParameter => ({ kind: 'column', type });
const asArray: KernelOutput = { function: main, type: 'f64' };

const cases: readonly [
  name: string,
  level: FeatureLevel,
  source: string,
  x: KernelParameter,
  output: KernelOutput,
][] = [
  ['map.sse2', 'sse2', 'x * 2 + 1', column('f64'), asArray],
  ['conditional.avx512', 'avx512', 'x < 0 ? -x : sqrt(x)', column('f32'), asArray],
  ['sum.avx2', 'avx2', 'x * x', column('f64'), { function: main, reduce: 'sum' }],
];

describe('kernel listings', () => {
  for (const [name, level, source, x, output] of cases) {
    it(name, () => {
      const log: LoggedInstruction[] = [];
      const parts = [source];
      const spec = { parameters: [x], outputs: [output] };
      const target = hostTarget(requireAddon(), { level });
      const dump = (stage: string, text: string) => parts.push(`\n${stage}:\n${text}`);
      const { code } = generateKernel(moduleOf(source, ['x']), spec, target, { log, dump, check: true });
      parts.push(`\nlisting:\n${formatListing(code, log)}\n`);
      expectGolden(`test/jit/kernel/golden/${name}.txt`, parts.join('\n'));
    });
  }
});
