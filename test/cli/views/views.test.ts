import { expect } from 'chai';
import { coloured, plain } from '../../../src/cli/style.ts';
import { hostView } from '../../../src/cli/views/host-view.ts';
import { irView } from '../../../src/cli/views/ir-view.ts';
import { listingView, parseListing } from '../../../src/cli/views/listing-view.ts';
import { memoryView } from '../../../src/cli/views/memory-view.ts';
import type { BlockInfo, EngineStatistics, HostReport, Statistics } from '../../../src/index.ts';

describe('memoryView', () => {
  const block = (
    pool: number,
    address: number,
    spans: BlockInfo['spans'],
    rw = address + 0x10000,
  ): BlockInfo => ({
    address,
    rw,
    size: 65536,
    usedSize: spans.reduce((sum, { size }) => sum + size, 0),
    pool,
    granularity: 64,
    largePages: pool === 1,
    collapsedSize: 0,
    spans,
  });
  const statistics: Statistics = {
    blockCount: 2,
    allocationCount: 3,
    usedSize: 49152,
    reservedSize: 131072,
    unusedSize: 81920,
    collapsedSize: 0,
    overheadSize: 1024,
    usedRatio: 0.375,
    unusedRatio: 0.625,
    overheadRatio: 1 / 128,
  };

  it('draws each block of each pool, and says what lies where', () => {
    const blocks = [
      block(0, 0x100000, [
        { offset: 0, size: 16384 },
        { offset: 32768, size: 512 },
      ]),
      block(1, 0x300000, [{ offset: 0, size: 32768 }], 0x300000),
    ];
    const pools = [{ granularity: 64 }, { granularity: 128 }];
    const residents = [{ name: 'f', address: 0x100010, size: 16000 }];
    expect(memoryView({ pools, blocks }, statistics, residents, plain).split('\n')).to.deep.equal([
      'pool 0, granularity 64 bytes: 1 block',
      '  0x000000100000  64 KiB, writable at 0x000000110000',
      `  ${'█'.repeat(16)}${'·'.repeat(16)}▌${'·'.repeat(31)}  25.8 % in 2 spans`,
      '    +00000      16 KiB  f (15.6 KiB)',
      '    +08000   512 bytes',
      'pool 1, granularity 128 bytes: 1 block',
      '  0x000000300000  64 KiB, writable and executable, large pages',
      `  ${'█'.repeat(32)}${'·'.repeat(32)}  50.0 % in 1 span`,
      '    +00000      32 KiB',
      '',
      'used           48 KiB (37.5 %) in 3 spans',
      'reserved       128 KiB in 2 blocks',
      'unused         80 KiB (62.5 %)',
      'bookkeeping    1 KiB (0.8 %), outside of executable memory',
      'fragmentation  59.7 % of what is free lies outside of the largest run',
    ]);
  });

  it('shows what is hardly used as used, and lists no more spans than anyone reads', () => {
    const spans = Array.from({ length: 40 }, (_, index) => ({ offset: index * 1024, size: 64 }));
    const text = memoryView(
      { pools: [{ granularity: 64 }], blocks: [block(0, 0x100000, spans)] },
      statistics,
      [],
      plain,
    );
    expect(text)
      .to.contain(`  ${'▏'.repeat(40)}${'·'.repeat(24)}  `)
      .and.contain('    … and 8 more\n');
  });

  it('says so where there is none', () => {
    expect(memoryView({ pools: [], blocks: [] }, statistics, [], plain)).to.contain('no machine code');
  });
});

describe('listingView', () => {
  const listing =
    'f:\n  0000  c5fb5ac0              vaddsd xmm0, xmm0, xmm0\n  0004  c3                    ret\nL1:\n  0008  000000000000f03f      dq 0x3ff0000000000000  ; 1';

  it('reads listings', () => {
    expect(parseListing(listing)).to.deep.equal([
      { label: 'f' },
      { offset: 0, bytes: 'c5fb5ac0', text: 'vaddsd xmm0, xmm0, xmm0' },
      { offset: 4, bytes: 'c3', text: 'ret' },
      { label: 'L1' },
      { offset: 8, bytes: '000000000000f03f', text: 'dq 0x3ff0000000000000  ; 1' },
    ]);
  });

  it('paints by kind', () => {
    const text = listingView(listing, coloured);
    expect(text).to.contain('\x1b[36mvaddsd\x1b[39m').and.contain('\x1b[35mret\x1b[39m');
    expect(text).to.contain('\x1b[32m  ; 1\x1b[39m').and.contain('\x1b[1mf:\x1b[22m');
    const kinds = ['movsd', 'vmovapd', 'push', 'lea', 'vucomisd', 'cmp', 'jae', 'call', 'vsqrtsd', 'roundsd'];
    const colours = kinds.map((mnemonic) => {
      const [, colour] =
        listingView(`  0000  00    ${mnemonic} rax`, coloured)
          .split(mnemonic)[0]
          ?.match(/\[(\d+)m$/) ?? [];
      return Number(colour);
    });
    expect(colours).to.deep.equal([34, 34, 34, 34, 33, 33, 35, 35, 36, 36]);
  });

  it('leaves bytes out', () => {
    expect(listingView(listing, plain, false)).to.contain('  0000  vaddsd xmm0, xmm0, xmm0\n  0004  ret');
  });
});

describe('irView', () => {
  it('sets off what a pass brought', () => {
    const text = irView(
      [
        {
          pass: 'lower',
          function: undefined,
          text: 'function f(f64): f64 {\nb0(v0: f64):\n  v1 = fneg v0\n  return v1\n}',
        },
        { pass: 'x', function: 'f', text: 'function f(f64): f64 {\nb0(v0: f64):\n  return v0\n}' },
        {
          pass: 'optimized',
          function: undefined,
          text: 'function f(f64): f64 {\nb0(v0: f64):\n  return v0\n}',
        },
      ],
      coloured,
    );
    expect(text).to.contain('── lower').and.contain('── x').and.not.contain('optimized');
    expect(text).to.contain('\x1b[32m  return v0\x1b[39m').and.not.contain('\x1b[32m  return v1');
  });
});

describe('hostView', () => {
  const engine = { backend: 'interpreter', fallbackReason: 'no addon', cpu: undefined } as EngineStatistics;

  it('says what fails, and what helps', () => {
    const report: HostReport = {
      node: 'v20.19.0',
      platform: 'linux',
      architecture: 'arm64',
      addon: { file: undefined, error: 'exprjit has no native addon for linux-arm64' },
      cpu: undefined,
      memory: undefined,
    };
    expect(hostView(report, engine, plain).split('\n')).to.deep.equal([
      '✓ Node.js v20.19.0 on linux-arm64',
      '✗ untested: exprjit is not tested on linux-arm64',
      '✗ exprjit has no native addon for linux-arm64',
      '✗ formulas are interpreted: no addon',
    ]);
  });

  it('shows limits and strategies', () => {
    const report: HostReport = {
      node: 'v20.19.0',
      platform: 'linux',
      architecture: 'x64',
      addon: { file: '/exprjit.node', error: undefined },
      cpu: { vendor: 'GenuineIntel', brand: '', features: ['sse2'], levels: ['sse2'] },
      memory: {
        pageSize: 4096,
        pageGranularity: 4096,
        largePageSize: 0,
        isHardened: true,
        mappingLimit: 65530,
        addressSpaceLimit: 1024 ** 2,
        strategies: [
          { strategy: 'memfd', works: true },
          { strategy: 'rwx', works: false, code: 'EACCES', syscall: 'mmap', hint: 'allow it' },
        ],
      },
    };
    expect(hostView(report, engine, plain)).not.to.include('untested');
    const untested = hostView({ ...report, platform: 'darwin' }, engine, plain);
    expect(untested).to.include('✗ untested: exprjit is not tested on darwin');
    const native = { ...engine, backend: 'native', cpu: 'sse2', calls: 'fast' } as const;
    const text = hostView(report, native, plain);
    expect(text).to.contain('✓ GenuineIntel\n').and.contain('no large pages').and.contain('forbids memory');
    expect(text).to.contain('address space: at most 1 MiB\n').and.contain('mappings: at most 65,530\n');
    expect(text).to.contain('  ✓ memfd\n  ✗ rwx: mmap EACCES\n      allow it\n');
    expect(text).to.match(/✓ formulas run as machine code for sse2\n {2}they are called as V8's fast calls$/);
    const slow = { ...native, calls: 'node-api', slowCallReason: 'bun is not Node' } as const;
    expect(hostView(report, slow, plain)).to.match(/\n {2}they are called by Node-API: bun is not Node$/);
  });
});
