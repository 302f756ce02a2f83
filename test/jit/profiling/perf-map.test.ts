import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { perfMapFile, writePerfMap } from '../../../src/jit/profiling/perf-map.ts';
import { JitRuntime } from '../../../src/jit/runtime/jit-runtime.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';

describe('perf map', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'exprjit-perf-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('names every symbol with its extent, as long as it is asked to', () => {
    const file = join(directory, 'perf.map');
    using runtime = new JitRuntime();
    const stop = writePerfMap(runtime, file);
    const source = new CodeHolder();
    const a = new Assembler(source);
    a.ret();
    const anonymous = runtime.add(source);
    source.reset();
    a.bind(source.newLabel('f'));
    a.ret();
    a.align(16);
    a.bind(source.newLabel('g'));
    a.ret();
    const code = runtime.add(source);
    stop();
    runtime.add(source);
    expect(readFileSync(file, 'utf8').split('\n')).to.deep.equal([
      `${anonymous.address.toString(16)} 1 jit`,
      `${code.address.toString(16)} 10 f`,
      `${(code.address + 16).toString(16)} 1 g`,
      '',
    ]);
  });

  it('closes its own file only, however often it is stopped', () => {
    using runtime = new JitRuntime();
    const stop = writePerfMap(runtime, join(directory, 'perf.map'));
    stop();
    const other = openSync(join(directory, 'other'), 'w');
    stop();
    expect(writeSync(other, 'still open')).to.equal(10);
    closeSync(other);
  });

  it('goes where perf looks for it', () => {
    expect(perfMapFile(42)).to.equal('/tmp/perf-42.map');
  });
});
