import { expect } from 'chai';
import { levelsOf } from '../../../src/jit/machine/feature-level.ts';

describe('levelsOf', () => {
  it('gives the levels that a CPU has, lowest first', () => {
    expect(levelsOf(['sse2'])).to.deep.equal(['sse2']);
    expect(levelsOf(['sse2', 'sse4.1', 'avx'])).to.deep.equal(['sse2', 'sse4.1']);
    const haswell = ['sse2', 'sse4.1', 'avx', 'avx2', 'fma'];
    expect(levelsOf(haswell)).to.deep.equal(['sse2', 'sse4.1', 'avx2']);
    const server = [...haswell, 'avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'];
    expect(levelsOf(server)).to.deep.equal(['sse2', 'sse4.1', 'avx2', 'avx512']);
    const withoutCounts = server.filter((name) => name !== 'avx512cd');
    expect(levelsOf(withoutCounts)).to.deep.equal(['sse2', 'sse4.1', 'avx2']);
  });

  it('has no level without those below it', () => {
    expect(levelsOf(['sse2', 'avx', 'avx2', 'fma'])).to.deep.equal(['sse2']);
    expect(levelsOf([])).to.deep.equal([]);
  });
});
