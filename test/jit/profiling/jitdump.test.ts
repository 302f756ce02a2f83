import { type ExecFileSyncOptionsWithStringEncoding, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { writeJitDump } from '../../../src/jit/profiling/jitdump.ts';
import { JitRuntime } from '../../../src/jit/runtime/jit-runtime.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { requireAddon } from '../../../src/native/loader.ts';

const library = new URL('../../../dist/index.js', import.meta.url).href;

interface Load {
  readonly time: bigint;
  readonly address: number;
  readonly index: bigint;
  readonly name: string;
  readonly code: string;
}

/** Reads a dump as `perf inject` does, by the sizes that the records state. */
function readDump(file: string): { loads: Load[]; closed: boolean } {
  const bytes = readFileSync(file);
  expect(bytes.readUInt32LE(0)).to.equal(0x4a695444);
  expect(bytes.readUInt32LE(4), 'version').to.equal(1);
  expect(bytes.readUInt32LE(12), 'machine').to.equal(62);
  const loads: Load[] = [];
  let closed = false;
  let at = bytes.readUInt32LE(8);
  while (at < bytes.length) {
    const [id, size] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    const record = bytes.subarray(at, at + size);
    at += size;
    if (id === 3) closed = true;
    if (id !== 0) continue;
    expect(record.readBigUInt64LE(24)).to.equal(record.readBigUInt64LE(32));
    const nameEnd = record.indexOf(0, 56);
    const code = record.subarray(nameEnd + 1);
    expect(record.readBigUInt64LE(40)).to.equal(BigInt(code.length));
    loads.push({
      time: record.readBigUInt64LE(8),
      address: Number(record.readBigUInt64LE(32)),
      index: record.readBigUInt64LE(48),
      name: record.toString('utf8', 56, nameEnd),
      code: code.toString('hex'),
    });
  }
  expect(at, 'the last record is whole').to.equal(bytes.length);
  return { loads, closed };
}

/** Whether `perf` can sample here: it may be missing, or the kernel may not let it. */
function perfWorks(folder: string): boolean {
  const output = join(folder, 'try.data');
  const args = ['record', '-q', '-k', 'mono', '-e', 'cpu-clock', '-o', output, 'true'];
  return process.platform === 'linux' && spawnSync('perf', args).status === 0;
}

/** Runs in `folder` with our code profiled in the given way, and gives what is printed. */
function optionsOf(cwd: string, way: 'dump' | 'map'): ExecFileSyncOptionsWithStringEncoding {
  const env = { ...process.env, EXPRJIT_PERF: way };
  return { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
}

describe('jitdump', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-jitdump-'));
    requireAddon();
  });
  after(() => rmSync(folder, { recursive: true }));

  it('holds each symbol of all code that is added, until it is stopped', () => {
    using runtime = new JitRuntime();
    using other = new JitRuntime();
    const stop = writeJitDump(runtime, folder);
    const stopOther = writeJitDump(other, folder);
    const source = new CodeHolder();
    const a = new Assembler(source);
    a.bind(source.newLabel('f'));
    a.ret();
    a.align(16);
    a.bind(source.newLabel('g'));
    a.nop();
    a.ret();
    const before = process.hrtime.bigint();
    const code = runtime.add(source, 'x +\n 1');
    const unnamed = other.add(source);
    stop();
    stopOther();
    runtime.add(source);
    const { loads } = readDump(join(folder, `jit-${process.pid}.dump`));
    expect(loads.map(({ name, address, index }) => ({ name, address, index }))).to.deep.equal([
      { name: 'x + 1 [f]', address: code.address, index: 1n },
      { name: 'x + 1 [g]', address: code.address + 16, index: 2n },
      { name: 'f', address: unnamed.address, index: 3n },
      { name: 'g', address: unnamed.address + 16, index: 4n },
    ]);
    expect(loads.map(({ code: bytes }) => bytes.slice(0, 2))).to.deep.equal(['c3', '90', 'c3', '90']);
    for (const { time } of loads) expect(time >= before && time <= process.hrtime.bigint()).to.equal(true);
  });

  it('is shown to whoever watches mappings of code', () => {
    if (process.platform !== 'linux') return;
    const maps = readFileSync('/proc/self/maps', 'utf8');
    expect(maps).to.match(new RegExp(`r-xp .*/jit-${process.pid}\\.dump$`, 'm'));
  });

  it('keeps no file open where it cannot be mapped', () => {
    if (process.platform !== 'linux') return;
    const addon = requireAddon();
    const { mapProfileMarker } = addon;
    const openFiles = () => readdirSync('/proc/self/fd').length;
    using runtime = new JitRuntime();
    const before = openFiles();
    addon.mapProfileMarker = () => {
      throw new Error('refused');
    };
    try {
      expect(() => writeJitDump(runtime, join(folder, 'refused'))).to.throw('refused');
    } finally {
      addon.mapProfileMarker = mapProfileMarker;
    }
    expect(openFiles()).to.equal(before);
    writeJitDump(runtime, join(folder, 'refused'))();
  });

  it('fails where the folder cannot be', () => {
    using runtime = new JitRuntime();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => writeJitDump(runtime, join(file, 'below'))).to.throw(/ENOTDIR|EEXIST/);
  });

  const script = `
    import { Engine } from '${library}';
    const engine = new Engine({ backend: 'native' });
    const f = engine.compile('sum(i, 1, 3000000, sqrt(i * x))', ['x']);
    for (let i = 0; i < 10; i++) f(i);`;

  it('is what an engine writes if EXPRJIT_PERF asks for it', () => {
    const child = mkdtempSync(join(folder, 'child-'));
    const file = join(child, 'script.mjs');
    writeFileSync(file, script);
    execFileSync(process.execPath, [file], optionsOf(child, 'dump'));
    const [dump] = readdirSync(child).filter((name) => name.startsWith('jit-'));
    const { loads, closed } = readDump(join(child, dump ?? ''));
    expect(loads.map(({ name }) => name)).to.deep.equal([
      'sum(i, 1, 3000000, sqrt(i * x)) [main]',
      'sum(i, 1, 3000000, sqrt(i * x)) [main$frame]',
    ]);
    expect(closed).to.equal(true);
  });

  it('lets perf name our functions, where perf works', function () {
    this.timeout(60_000);
    if (!perfWorks(folder)) return;
    const child = mkdtempSync(join(folder, 'perf-'));
    const file = join(child, 'script.mjs');
    writeFileSync(file, script);
    const options = optionsOf(child, 'dump');
    const record = [
      'record',
      '-q',
      '-k',
      'mono',
      '-e',
      'cpu-clock',
      '-o',
      'perf.data',
      process.execPath,
      file,
    ];
    execFileSync('perf', record, options);
    execFileSync('perf', ['inject', '--jit', '-i', 'perf.data', '-o', 'perf.jit.data'], options);
    const report = execFileSync('perf', ['report', '--stdio', '-i', 'perf.jit.data'], options);
    expect(report).to.match(/%.*jitted-\d+-\d+\.so.*sum\(i, 1, 3000000, sqrt\(i \* x\)\) \[main\]/);
  });

  it('lets perf name functions by its map, where perf works and memory is mapped once', function () {
    this.timeout(60_000);
    if (!perfWorks(folder)) return;
    const child = mkdtempSync(join(folder, 'map-'));
    const file = join(child, 'script.mjs');
    const once = script.replace("backend: 'native'", "backend: 'native', allocator: { options: 0 }");
    writeFileSync(file, `${once}\nconsole.log(process.pid);`);
    const options = optionsOf(child, 'map');
    const record = ['record', '-q', '-e', 'cpu-clock', '-o', 'perf.data', process.execPath, file];
    const pid = Number(execFileSync('perf', record, options));
    try {
      const report = execFileSync('perf', ['report', '--stdio', '-i', 'perf.data'], options);
      expect(report).to.match(/%.*sum\(i, 1, 3000000, sqrt\(i \* x\)\) \[main\]/);
    } finally {
      rmSync(`/tmp/perf-${pid}.map`);
    }
  });
});
