import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireAddon } from '../../../src/native/loader.ts';
import { bundle } from '../../support/bundle.ts';
import { type NodeRun, runNode } from '../../support/run-node.ts';

const results = '12 9,14 3 3,6 9\n';

function run(words: string, way = ''): Promise<NodeRun> {
  const child = bundle(new URL('debug.child.ts', import.meta.url));
  return runNode([fileURLToPath(child), way], '', { EXPRJIT_DEBUG: words });
}

/** The titles of what was printed: word, source and what follows it in the line. */
function titles({ stderr }: NodeRun): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('[exprjit '));
}

describe('EXPRJIT_DEBUG', () => {
  it('prints everything with all, of functions and of kernels', async () => {
    requireAddon();
    const outcome = await run('all');
    expect(outcome.stdout).to.equal(results);
    const lines = titles(outcome).map((line) => line.replace(/\d+/g, '0'));
    expect(lines).to.include.members([
      "[exprjit passes] 'x*y + 0*0': simplify of main",
      "[exprjit passes] 'x*y + 0*0': dead-code of main",
      "[exprjit select] 'x*y + 0*0': selection",
      "[exprjit allocate] 'x*y + 0*0': allocation",
      "[exprjit check] 'x*y + 0*0': every register allocation is proved",
      "[exprjit time] 'x*y + 0*0': parse 0, check 0, lower 0, optimise 0, select 0, allocate 0, prove 0, emit 0, place 0; 0 µs",
      // On vectors, and row by row.
      "[exprjit select] 'x*y + 0*0', kernel(f0, f0): f0: loop",
      "[exprjit select] 'x*y + 0*0', kernel(f0, f0): f0: selection",
      "[exprjit allocate] 'x*y + 0*0', kernel(f0, f0): f0: allocation",
      "[exprjit check] 'x*y + 0*0', kernel(f0, f0): f0: every register allocation is proved",
      "[exprjit time] 'x*y + 0*0', kernel(f0, f0): f0: loop 0, select 0, allocate 0, prove 0, emit 0, place 0; 0 µs",
      "[exprjit select] 'sum(i, 0, 0, noise(i*x))', kernel(i0): f0: selection",
      "[exprjit allocate] 'sum(i, 0, 0, noise(i*x))', kernel(i0): f0: allocation",
      // A kernel of several outputs.
      "[exprjit passes] 'x + 0; x + 0*0': simplify of main",
      "[exprjit select] 'x + 0; x + 0*0', kernel(f0): f0, f0: loop",
    ]);
    expect(outcome.stderr)
      .to.match(/: simplify of main\nfunction main\(f64, f64\): f64 \{\n/)
      .and.contain('callhost noise(')
      .and.match(/: loop\nfunction \$kernel\(i64\): i64 \{\nb0\(v0: i64\):\n/)
      .and.match(/: allocation\nmain: 0 spill slots\n/);
  });

  it('prints what is named, and tells in one line what is unknown', async () => {
    requireAddon();
    const outcome = await run(' time,pases,, "\n\u001b[1m');
    expect(outcome.stdout).to.equal(results);
    const [warning, ...others] = outcome.stderr.trimEnd().split('\n');
    expect(warning).to.equal(
      String.raw`warning[W_DEBUG_WORD]: EXPRJIT_DEBUG has no "pases", "\"\n\u001b[1m"; there are passes, select, allocate, check, time, all`,
    );
    for (const line of others) expect(line).to.match(/^\[exprjit time\] /);
    expect(others).to.have.length(6);
  });

  it('warns of unknown words and is silent, if it names no other', async () => {
    const { stdout, stderr } = await run('everything');
    expect(stdout).to.equal(results);
    expect(stderr).to.match(/^warning\[W_DEBUG_WORD\]: EXPRJIT_DEBUG has no "everything"; .*\n$/);
  });

  for (const way of ['', 'hostile', 'inherited', 'object']) {
    it(`prints nothing ${way === '' ? 'if it is empty' : `where the environment is ${way}`}`, async () => {
      const words = way === '' ? '' : 'all';
      expect(await run(words, way)).to.deep.equal({ status: 0, stdout: results, stderr: '' });
    });
  }

  it('prints with frozen prototypes', async () => {
    requireAddon();
    const outcome = await run('all', 'frozen');
    expect(outcome.stdout).to.equal(results);
    expect(titles(outcome)).to.have.length.above(20);
  });

  it('fails nothing where standard error takes nothing', async () => {
    expect(await run('all', 'mute')).to.deep.equal({ status: 0, stdout: results, stderr: '' });
  });
});
