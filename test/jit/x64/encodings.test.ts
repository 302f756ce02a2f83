import { expect } from 'chai';
import { CpuidFeature, Decoder, DecoderOptions, Formatter, FormatterSyntax } from 'iced-x86';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { cpuFeatureNames } from '../../../src/jit/x64/cpu-feature.ts';
import { encode } from '../../../src/jit/x64/encoder.ts';
import { Space } from '../../../src/jit/x64/encoding-notation.ts';
import { avx } from '../../../src/jit/x64/encodings/avx.ts';
import { avx512 } from '../../../src/jit/x64/encodings/avx512.ts';
import { general } from '../../../src/jit/x64/encodings/general.ts';
import type { EncodingTable } from '../../../src/jit/x64/encodings/line.ts';
import { sse } from '../../../src/jit/x64/encodings/sse.ts';
import type { Form } from '../../../src/jit/x64/form.ts';
import { instructionOf } from '../../../src/jit/x64/instruction.ts';
import * as memory from '../../../src/jit/x64/memory.ts';
import {
  bytePtr,
  dwordPtr,
  Mem,
  type MemoryOperand,
  ptr,
  qwordPtr,
  wordPtr,
} from '../../../src/jit/x64/memory.ts';
import type { Mnemonic, Operand } from '../../../src/jit/x64/mnemonics.ts';
import { anyMemory, openBroadcast } from '../../../src/jit/x64/operand-kind.ts';
import { Masking } from '../../../src/jit/x64/operand-notation.ts';
import { gp16, k, type Register, r9, r12, rax, rdi, sil } from '../../../src/jit/x64/register.ts';
import { elementAt } from '../../../src/support/element.ts';
import { findMismatches, isBaseline, type Request } from './decoding.ts';
import { samplesFor } from './operand-samples.ts';

/** Positions in the lists of samples. */
const low = 0.01;
const high = 0.99;

/** Mnemonics of the parts of a table. */
function mnemonicsOf(parts: readonly EncodingTable[]): Mnemonic[] {
  return parts.flatMap((table) => Object.keys(table)) as Mnemonic[];
}

const tables = { general, sse, avx, avx512 };

describe('encodings, against an independent decoder', () => {
  for (const [name, table] of Object.entries(tables)) {
    it(`${name}: every form with all registers, memory shapes and ends of ranges`, () => {
      const mismatches: string[] = [];
      for (const mnemonic of mnemonicsOf(table)) {
        for (const form of instructionOf(mnemonic).forms) mismatches.push(...checkForm(form));
      }
      expect(mismatches.slice(0, 20)).to.deep.equal([]);
    });
  }

  it('puts prefixes in front of what can have them', () => {
    const code = new CodeHolder();
    const a = new Assembler(code);
    a.lock().add(dwordPtr(rax), 1);
    a.lock().xadd(qwordPtr(r12, 8), r9);
    a.lock().cmpxchg(bytePtr(rax), sil);
    a.lock().xadd(wordPtr(rax), elementAt(gp16, 3));
    a.lock().cmpxchg16b(ptr(rdi));
    a.rep().movsb();
    a.rep().stosq();
    a.rep().movsw();
    a.rep().movsd();
    a.rep().cmpsb();
    a.repne().scasb();
    a.movsb();
    a.lock().not(qwordPtr(rax));
    expect(decoded(code)).to.deep.equal([
      'lock add dword ptr [rax],1',
      'lock xadd [r12+8],r9',
      'lock cmpxchg [rax],sil',
      'lock xadd [rax],bx',
      'lock cmpxchg16b [rdi]',
      'rep movsb',
      'rep stosq',
      'rep movsw',
      'rep movsd',
      'repe cmpsb',
      'repne scasb',
      'movsb',
      'lock not qword ptr [rax]',
    ]);
  });

  it('takes every pointer that an error proposes', () => {
    const pointers = { ...memory } as unknown as Record<string, MemoryOperand>;
    let proposals = 0;
    const failures: string[] = [];
    for (const mnemonic of Object.values(tables).flatMap(mnemonicsOf)) {
      const instruction = instructionOf(mnemonic);
      for (const form of instruction.forms) {
        form.operands.forEach((_, position) => {
          const open = [anyMemory, openBroadcast].filter((kinds) => (form.accepts(position) & kinds) !== 0);
          for (const kinds of open.filter(() => form.relativeSize === 0)) {
            const emit = (operand: Mem): void => {
              const all = form.operands.map((_, other) =>
                other === position ? operand : elementAt(samplesFor(form, other, []), 0),
              );
              const a = new Assembler(new CodeHolder());
              if (form.needsMask) a.k(elementAt(k, 1));
              a.emit(instruction, ...(all as [Operand?, Operand?, Operand?, Operand?]));
            };
            let message = '';
            try {
              emit(kinds === anyMemory ? ptr(rax) : memory.broadcastPtr(rax));
            } catch (error) {
              message = (error as Error).message;
            }
            for (const name of message === '' ? [] : (message.split(' here: ').at(1) ?? '?').split(' or ')) {
              proposals++;
              try {
                emit(elementAt([pointers[name]].filter(isPresent), 0)(rax));
              } catch (error) {
                failures.push(`${mnemonic} ${form.operands}: ${message} - ${name}: ${error}`);
              }
            }
          }
        });
      }
    }
    expect(failures).to.deep.equal([]);
    expect(proposals).to.be.greaterThan(200);
  });

  it('asks for the CPU features that the decoder names', () => {
    const mismatches = Object.values(tables)
      .flatMap((table) => mnemonicsOf(table))
      .flatMap((mnemonic) => [...instructionOf(mnemonic).forms])
      .flatMap(checkFeatures);
    expect(mismatches).to.deep.equal([]);
  });

  it('reaches every form: none is hidden behind an earlier one', () => {
    const hidden = Object.values(tables)
      .flatMap((table) => mnemonicsOf(table))
      .flatMap((mnemonic) => {
        const forms = instructionOf(mnemonic).forms;
        return forms.filter((form, index) => forms.slice(0, index).some((earlier) => hides(earlier, form)));
      });
    expect(hidden.map((form) => `${form.mnemonic} ${form.operands}`)).to.deep.equal([]);
  });
});

/** Varies one operand at a time over all its samples, the others standing on a low or a high one. */
function checkForm(form: Form): string[] {
  const code = new CodeHolder();
  const a = new Assembler(code);
  const behind = code.newLabel('behind');
  const ahead = code.newLabel('ahead');
  a.bind(behind);
  if (form.relativeSize === 4) a.embed(new Uint8Array(200));
  const labels = form.relativeSize > 0 ? [behind, ahead] : [behind, ahead, code.float64(1)];
  const samples = form.operands.map((_, position) => samplesFor(form, position, labels));
  const requests: Request[] = [];
  const request = (operands: readonly Operand[], mask = form.needsMask ? 1 : 0, zeroing = false): void => {
    if (form.hasVectorIndex && !areApart(form, operands)) return;
    const offset = a.offset;
    if (mask !== 0) a[zeroing ? 'kz' : 'k'](elementAt(k, mask));
    if (form.relativeSize === 1) a.short();
    a.emit(
      instructionOf(form.mnemonic as Mnemonic),
      ...(operands as [Operand?, Operand?, Operand?, Operand?]),
    );
    requests.push({ form, operands, mask, zeroing, offset, length: a.offset - offset });
  };
  const standing = (share: number): Operand[] =>
    samples.map((list, position) => {
      // The registers of gathers have to differ.
      const shift = form.hasVectorIndex ? position * (share === low ? 1 : -1) : 0;
      return elementAt(list, Math.floor((list.length - 1) * share) + shift);
    });
  if (samples.length === 0) request([]);
  // High registers force EVEX where VEX would do; so each form sees all samples beside those that lead to it.
  const fullShare = form.space === Space.Evex ? high : low;
  samples.forEach((list, position) => {
    for (const share of [low, high]) {
      const others = standing(share);
      list.forEach((sample, index) => {
        if (share === fullShare || index % 5 === 0) request(others.with(position, sample));
      });
    }
  });
  for (const share of [low, high]) {
    const operands = standing(share);
    for (let mask = 1; mask < 8 && form.masking !== Masking.None; mask++) {
      request(operands, mask);
      if (form.masking === Masking.Zero && !(operands[0] instanceof Mem)) request(operands, mask, true);
    }
  }
  a.bind(ahead);
  return findMismatches(code, requests);
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** The code as the decoder reads it. */
function decoded(code: CodeHolder): string[] {
  const decoder = new Decoder(64, code.text.bytes.slice(0, code.text.size), DecoderOptions.None);
  const formatter = new Formatter(FormatterSyntax.Masm);
  const lines: string[] = [];
  while (decoder.canDecode) {
    const instruction = decoder.decode();
    lines.push(formatter.format(instruction));
    instruction.free();
  }
  formatter.free();
  decoder.free();
  return lines;
}

/** Whether a gather may have these operands. */
function areApart(form: Form, operands: readonly Operand[]): boolean {
  if (form.rm === 0) return true;
  const ids = operands.map((operand) =>
    operand instanceof Mem ? operand.index?.id : (operand as Register).id,
  );
  return new Set(ids).size === ids.length;
}

/** Encodes the form itself, since the assembler may know a shorter one for the same operands. */
function checkFeatures(form: Form): string[] {
  const code = new CodeHolder();
  const label = code.newLabel();
  code.bind(label);
  const [a, b, c, d] = form.operands.map((_, position) =>
    samplesFor(form, position, [label]).at(form.hasVectorIndex ? position : 0),
  );
  const mask = form.needsMask ? 1 : 0;
  encode(code, code.text, form, a, b, c, d, mask, false, 0);
  const operands = [a, b, c, d].filter((operand) => operand !== undefined);
  const request = { form, operands, mask, zeroing: false, offset: 0, length: code.text.size };
  return findMismatches(code, [request], (instruction) => {
    const asked = cpuFeatureNames(form.features).filter((name) => name !== 'sse2');
    const found = [...instruction.cpuidFeatures()]
      .map((feature) => `${CpuidFeature[feature]}`)
      .filter((name) => !isBaseline(name))
      .map((name) =>
        name.toLowerCase().replace('_', '.').replace('sse4.', 'sse4.').replace('prefetchw', 'prfchw'),
      );
    return asked.sort().join() === found.sort().join() ? undefined : `features ${found}, not ${asked}`;
  });
}

/** Whether whatever `form` takes is taken by `earlier`, which stands before it. */
function hides(earlier: Form, form: Form): boolean {
  const coversOperands = [0, 1, 2, 3].every(
    (position) => (form.accepts(position) & ~earlier.accepts(position)) === 0,
  );
  const coversMasking = (form.masking & ~earlier.masking) === 0;
  const coversRange = earlier.immediateMin <= form.immediateMin && earlier.immediateMax >= form.immediateMax;
  return coversOperands && coversMasking && coversRange && earlier.relativeSize !== 1;
}
