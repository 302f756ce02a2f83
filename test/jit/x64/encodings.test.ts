import { expect } from 'chai';
import { CpuidFeature } from 'iced-x86';
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
import { Mem } from '../../../src/jit/x64/memory.ts';
import type { Mnemonic, Operand } from '../../../src/jit/x64/mnemonics.ts';
import { Masking } from '../../../src/jit/x64/operand-notation.ts';
import { k } from '../../../src/jit/x64/register.ts';
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
  const request = (operands: readonly Operand[], mask = 0, zeroing = false): void => {
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
    samples.map((list) => elementAt(list, Math.floor((list.length - 1) * share)));
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

/** Encodes the form itself, since the assembler may know a shorter one for the same operands. */
function checkFeatures(form: Form): string[] {
  const code = new CodeHolder();
  const label = code.newLabel();
  code.bind(label);
  const [a, b, c, d] = form.operands.map((_, position) => samplesFor(form, position, [label]).at(0));
  encode(code, form, a, b, c, d, 0, false);
  const operands = [a, b, c, d].filter((operand) => operand !== undefined);
  const request = { form, operands, mask: 0, zeroing: false, offset: 0, length: code.text.size };
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
