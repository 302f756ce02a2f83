import { readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { expect } from 'chai';
import { freshAddon } from './fresh-addon.ts';

/** Linux's names where they differ. */
const kernelNames: Readonly<Record<string, string>> = {
  sse3: 'pni',
  'sse4.1': 'sse4_1',
  'sse4.2': 'sse4_2',
  cmpxchg16b: 'cx16',
  lzcnt: 'abm',
  sha: 'sha_ni',
  avx512vbmi2: 'avx512_vbmi2',
  avx512vnni: 'avx512_vnni',
  avx512bitalg: 'avx512_bitalg',
  avx512vpopcntdq: 'avx512_vpopcntdq',
  avx512bf16: 'avx512_bf16',
  avx512fp16: 'avx512_fp16',
  avxvnni: 'avx_vnni',
};

const watched =
  'sse2 sse3 ssse3 sse4.1 sse4.2 popcnt avx avx2 fma f16c bmi1 bmi2 lzcnt avx512f avx512dq avx512bw avx512vl avx512cd avx512vbmi avx512ifma';

describe('cpuInfo', () => {
  const cpu = freshAddon().cpuInfo();

  it('names the architecture as Node does', () => {
    expect(cpu.architecture).to.equal(arch());
  });

  it('agrees with the kernel on every feature', () => {
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    const field = (name: string): string =>
      new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
    const kernel = new Set(field('flags').split(' '));
    for (const feature of new Set([...cpu.features, ...watched.split(' ')])) {
      expect(cpu.features.includes(feature), feature).to.equal(kernel.has(kernelNames[feature] ?? feature));
    }
    expect(cpu.vendor).to.equal(field('vendor_id'));
    expect(cpu.brand).to.equal(field('model name'));
  });
});
