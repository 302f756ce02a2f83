import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { op, type Type } from '../../../src/jit/ir/opcode.ts';
import { ArgumentAssigner, sysv, win64 } from '../../../src/jit/machine/convention.ts';
import { generate, type Target } from '../../../src/jit/machine/generate.ts';
import { locationName, MemoryKind } from '../../../src/jit/machine/location.ts';
import { unplacedMath } from '../../../src/jit/machine/math-code.ts';
import { RegisterClass } from '../../../src/jit/machine/operations.ts';
import type { LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import type { Address } from '../../../src/native/address.ts';

const { Vector, General } = RegisterClass;
const arithmetic = { sin: 0x1000 as Address, pow: 0x2000 as Address };
const windows: Target = {
  level: 'sse4.1',
  convention: win64,
  arithmetic,
  math: unplacedMath('sse4.1', win64),
  fuel: true,
};
const unix: Target = { ...windows, convention: sysv };

function listing(module: IrModule, target: Target): string[] {
  const log: LoggedInstruction[] = [];
  generate(module, target, { log, check: true });
  return log.map(({ text }) => text).filter((text) => text !== 'nop');
}

/** `sin(x)` and something after it. */
function callsMath(): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', ['f64', 'f64'], 'f64');
  const [x, y] = builder.block.parameters as [Value, Value];
  builder.return(builder.emit(op.fadd, builder.callMath('sin', x), y));
  return module;
}

function callsItself(types: readonly Type[]): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', types, 'f64');
  builder.return(builder.call('f', 'f64', ...builder.block.parameters));
  return module;
}

describe('calling conventions', () => {
  it('count registers by class in System V', () => {
    const assigner = new ArgumentAssigner(sysv, MemoryKind.Incoming);
    const places = [Vector, General, Vector, General].map((type) => locationName(assigner.next(type)));
    expect(places).to.deep.equal(['v0', 'rdi', 'v1', 'rsi']);
    for (let i = 2; i < 8; i++) assigner.next(Vector);
    expect(locationName(assigner.next(Vector))).to.equal('incoming[0]');
    expect(locationName(assigner.next(General))).to.equal('rdx');
    for (let i = 3; i < 6; i++) assigner.next(General);
    expect(locationName(assigner.next(General))).to.equal('incoming[1]');
    expect(assigner.stackWords).to.equal(2);
  });

  it('count registers by position on Windows, above the shadow space', () => {
    const assigner = new ArgumentAssigner(win64, MemoryKind.Outgoing);
    const places = [Vector, General, Vector, General, Vector, General].map((type) =>
      locationName(assigner.next(type)),
    );
    expect(places).to.deep.equal(['v0', 'rdx', 'v2', 'r9', 'outgoing[4]', 'outgoing[5]']);
  });

  it('call the math library with shadow space and an aligned stack on Windows', () => {
    const code = listing(callsMath(), windows);
    // Shadow space and a spilled value; with the return address the stack is aligned.
    expect(code.slice(0, 3)).to.deep.equal(['sub rsp, 0x28', 'movsd qword ptr [rsp+0x20], xmm1', 'call sin']);
    // The frame arrives in rcx.
    expect(code).to.include('mov rbx, rcx');
    expect(listing(callsMath(), unix).slice(0, 2)).to.deep.equal(['push rbx', 'mov rbx, rdi']);
  });

  it('save the registers that Windows preserves in frame entries, and restore them', () => {
    const code = listing(callsItself(['f64']), windows);
    const entry = code.slice(code.lastIndexOf('push rbx'));
    for (const register of ['rsi', 'rdi', 'r14']) {
      expect(entry).to.include(`push ${register}`).and.to.include(`pop ${register}`);
    }
    for (let i = 6; i < 16; i++) {
      const saves = entry.filter((text) => text.startsWith('movaps xmmword ptr') && text.endsWith(`xmm${i}`));
      const restores = entry.filter((text) => text.startsWith(`movaps xmm${i},`));
      expect(saves, `xmm${i}`).to.have.length(1);
      expect(restores, `xmm${i}`).to.have.length(1);
      expect(restores[0]?.slice(`movaps xmm${i}, `.length)).to.equal(
        saves[0]?.slice('movaps '.length, -`, xmm${i}`.length),
      );
    }
    const pushes = entry.filter((text) => text.startsWith('push ')).length;
    const area = Number(/0x[0-9a-f]+$/.exec(entry.find((text) => text.startsWith('sub rsp, ')) ?? '')?.[0]);
    expect((8 + 8 * pushes + area) % 16).to.equal(0);
    expect(entry).to.include('movsd xmm0, qword ptr [rbx+0xc0]');
  });

  it('pass what has no register behind the shadow space', () => {
    const code = listing(callsItself(new Array<Type>(6).fill('f64')), windows);
    expect(code).to.include('mov qword ptr [rsp+0x20], r11').and.to.include('mov qword ptr [rsp+0x28], r11');
  });

  it('touch every page of a large stack frame on Windows', () => {
    const module = new IrModule();
    const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
    const [x] = builder.block.parameters as [Value];
    const values = Array.from({ length: 2000 }, (_, i) => builder.emit(op.fmul, x, builder.number(i)));
    builder.return(values.reduce((sum, value) => builder.emit(op.fadd, sum, value)));
    const touches = listing(module, windows).filter((text) => text.startsWith('test dword ptr [rsp-'));
    expect(touches).to.deep.equal(
      ['0x1000', '0x2000', '0x3000'].map((page) => `test dword ptr [rsp-${page}], r11d`),
    );
    expect(listing(module, unix).some((text) => text.startsWith('test dword'))).to.equal(false);
  });
});
