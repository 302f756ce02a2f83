import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { ptr } from '../../../src/jit/x64/memory.ts';
import { rax, xmm0 } from '../../../src/jit/x64/register.ts';
import type { Address } from '../../../src/native/address.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const base = 0x7f0012340000 as Address;

describe('CodeHolder', () => {
  describe('constants', () => {
    it('are aligned to their size and shared when equal', () => {
      const code = new CodeHolder();
      const half = code.float64(0.5);
      const mask = code.int64(-1n, 4);
      expect(code.float64(0.5)).to.equal(half);
      expect(code.int64(-1n, 4)).to.equal(mask);
      expect(code.constant(new Uint8Array(32).fill(255))).to.equal(mask);
      expect(mask.offset % 32).to.equal(0);
      expect(code.rodata.size).to.equal(64);
      expect(code.alignment).to.equal(32);
    });

    it('tell 0 from -0, and sizes of the same content apart', () => {
      const code = new CodeHolder();
      const labels = [
        code.float64(0),
        code.float64(-0),
        code.float64(0, 2),
        code.float64(Number.NaN),
        code.int64(1n),
      ];
      expect(new Set(labels.map((label) => label.offset)).size).to.equal(5);
      expect(code.int64(0n)).to.equal(labels[0]);
      expect(code.float64(Number.NaN)).to.equal(labels[3]);
    });

    it('hold what was asked, however many they are', () => {
      const code = new CodeHolder();
      for (let round = 0; round < 3; round++) {
        const labels = new Map<number, ReturnType<CodeHolder['float64']>>();
        for (let i = 0; i < 5000; i++) {
          const value = (i * 7919) % 3001;
          const label = code.float64(value);
          expect(labels.get(value) ?? label).to.equal(label);
          labels.set(value, label);
        }
        const view = new DataView(code.rodata.bytes.buffer);
        for (const [value, label] of labels) expect(view.getFloat64(label.offset, true)).to.equal(value);
        expect(code.rodata.size).to.equal(labels.size * 8);
        code.reset();
      }
    });

    it('have sizes of machine operands only', () => {
      const code = new CodeHolder();
      expect(() => code.constant(new Uint8Array(3))).to.throw(RangeError, '4, 8, 16, 32 or 64 bytes, not 3');
      expect(() => code.constant(new Uint8Array(128))).to.throw(RangeError, 'not 128');
      expect(() => code.float64(1, 3)).to.throw(RangeError, 'not 24');
    });
  });

  describe('labels', () => {
    it('are bound once, by their own code', () => {
      const code = new CodeHolder();
      const label = code.newLabel('f');
      expect(() => code.newLabel('f')).to.throw(RangeError, 'already has a symbol f');
      code.bind(label);
      expect(() => code.bind(label)).to.throw(RangeError, 'label f is already bound');
      expect(() => new CodeHolder().bind(label)).to.throw(RangeError, 'another CodeHolder');
    });

    it('end with a reset', () => {
      const code = new CodeHolder();
      const old = [code.newLabel(), code.newLabel('f'), code.float64(1)];
      code.reset();
      const a = new Assembler(code);
      code.newLabel();
      for (const label of old) expect(() => a.lea(rax, ptr(label))).to.throw(RangeError, 'before its reset');
      expect(code.newLabel('f').toString()).to.equal('f');
      expect(code.codeSize).to.equal(0);
    });

    it('must be bound when the code is flattened', () => {
      const code = new CodeHolder();
      new Assembler(code).jmp(code.newLabel());
      expect(() => code.flatten()).to.throw(RangeError, 'label L0 is used but not bound');
    });
  });

  describe('flatten', () => {
    it('puts constants behind the code and resolves distances', () => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      const end = code.newLabel();
      a.jmp(end);
      a.addsd(xmm0, ptr(code.float64(1, 2), 8));
      a.bind(end);
      a.ret();
      expect(code.codeSize).to.equal(32);
      expect(hex(code.relocate(base))).to.equal(
        'e908000000' + 'f20f58050b000000' + 'c3' + 'cccc' + '000000000000f03f000000000000f03f',
      );
    });

    it('can be repeated after more code', () => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      a.addsd(xmm0, ptr(code.float64(1)));
      code.flatten();
      for (let i = 0; i < 200; i++) a.ret();
      const image = code.relocate(base);
      const view = new DataView(image.buffer, image.byteOffset);
      expect(view.getFloat64(8 + view.getInt32(4, true), true)).to.equal(1);
      expect(hex(image.subarray(8, 208))).to.equal('c3'.repeat(200));
    });

    it('gives offsets in the whole', () => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      a.ret();
      const here = code.newLabel();
      a.bind(here);
      expect(code.offsetOf(here)).to.equal(1);
      expect(code.offsetOf(code.float64(1))).to.equal(8);
    });
  });

  describe('relocate', () => {
    it('writes absolute addresses', () => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      const entry = code.newLabel();
      a.ret();
      a.bind(entry);
      a.ret();
      code.embedAddress(entry);
      code.embedAddress(entry, code.text);
      const image = code.relocate(base);
      const view = new DataView(image.buffer, image.byteOffset);
      expect(view.getBigUint64(8, true)).to.equal(BigInt(base) + 1n);
      expect(view.getBigUint64(16, true)).to.equal(BigInt(base) + 1n);
      code.relocate(0x1000 as Address);
      expect(view.getBigUint64(8, true)).to.equal(0x1001n);
    });

    for (const [name, near, far] of [
      ['callAddress', '40e8', 'ff15'],
      ['jmpAddress', '40e9', 'ff25'],
    ] as const) {
      it(`${name} is direct up to 2 GiB, and beyond goes through memory`, () => {
        const distances = [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1];
        const forms = distances.map((distance) => {
          const code = new CodeHolder();
          new Assembler(code)[name]((base + 6 + distance) as Address);
          // First elsewhere, so that the other form stands there already.
          for (const place of [0x1000 as Address, (base + 2 ** 40) as Address]) code.relocate(place);
          const image = code.relocate(base);
          const view = new DataView(image.buffer, image.byteOffset);
          const form = hex(image.subarray(0, 2));
          if (form === near) expect(view.getInt32(2, true)).to.equal(distance);
          else
            expect(Number(view.getBigUint64(6 + view.getInt32(2, true), true))).to.equal(base + 6 + distance);
          return form;
        });
        expect(forms).to.deep.equal([near, far, near, far]);
      });
    }
  });

  describe('sections', () => {
    it('lie between code and constants, each aligned', () => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      const cold = code.newSection('.cold');
      const table = code.newSection('.table', 64);
      const empty = code.newSection('.empty');
      expect(code.sections.map(({ name }) => name)).to.deep.equal([
        '.text',
        '.cold',
        '.table',
        '.empty',
        '.rodata',
      ]);
      a.ret();
      cold.append(Uint8Array.of(1, 2, 3));
      table.append(Uint8Array.of(4));
      const inTable = code.newLabel();
      code.bind(inTable, table);
      const inEmpty = code.newLabel();
      code.bind(inEmpty, empty);
      const constant = code.float64(1);
      expect(code.offsetOf(inTable)).to.equal(65);
      expect(code.offsetOf(inEmpty)).to.equal(65);
      expect(code.offsetOf(constant)).to.equal(72);
      expect([cold.offset, table.offset, code.rodata.offset]).to.deep.equal([16, 64, 72]);
      expect(code.codeSize).to.equal(80);
      expect(code.alignment).to.equal(64);
      expect(hex(code.relocate(base))).to.equal(
        `c3${'cc'.repeat(15)}010203${'cc'.repeat(45)}04${'cc'.repeat(7)}000000000000f03f`,
      );
    });

    it('move when one before them grows, or is aligned anew', () => {
      const code = new CodeHolder();
      const cold = code.newSection('.cold', 1);
      const label = code.newLabel();
      cold.append(Uint8Array.of(1));
      code.bind(label, cold);
      cold.append(Uint8Array.of(2));
      code.embedAddress(label, cold);
      const at = () => new DataView(code.relocate(base).slice().buffer).getBigUint64(code.codeSize - 8, true);
      expect(at()).to.equal(BigInt(base) + 1n);
      code.text.append(new Uint8Array(300));
      expect(at()).to.equal(BigInt(base) + 305n);
      code.newSection('.later').append(new Uint8Array(1));
      cold.align(1024, 0);
      expect(code.offsetOf(label)).to.equal(1025);
    });

    it('hold fixups, transfers and addresses like the code', () => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      const cold = code.newSection('.cold');
      const here = code.newLabel();
      code.text.append(new Uint8Array(20));
      a.section(cold);
      a.bind(here);
      a.callAddress((base + 1000) as Address);
      a.jmpAddress((base + 2 ** 40) as Address);
      a.lea(rax, ptr(here));
      const view = new DataView(code.relocate(base).slice().buffer);
      expect(view.getInt32(32 + 2, true)).to.equal(1000 - 38);
      expect(view.getUint16(32 + 6)).to.equal(0xff25);
      expect(view.getBigUint64(32 + 12 + view.getInt32(32 + 8, true), true)).to.equal(BigInt(base + 2 ** 40));
      expect(view.getInt32(32 + 15, true)).to.equal(-19);
    });

    it('have a name each, and an alignment that is one', () => {
      const code = new CodeHolder();
      code.newSection('.cold');
      expect(() => code.newSection('.cold')).to.throw(RangeError, 'already has a section .cold');
      expect(() => code.newSection('.text')).to.throw(RangeError, 'already has a section .text');
      expect(() => code.newSection(7 as never)).to.throw(TypeError, 'must be a string, not a number');
      for (const alignment of [0, 3, -8, 8192, Number.NaN, '16', 1.5]) {
        expect(() => code.newSection('.x', alignment as number)).to.throw(
          RangeError,
          'power of two from 1 to 4096',
        );
      }
      expect(code.sections).to.have.length(3);
    });

    it('belong to one CodeHolder, until its reset', () => {
      const code = new CodeHolder();
      const cold = code.newSection('.cold');
      cold.append(new Uint8Array(8));
      const other = new CodeHolder();
      other.newSection('.other');
      const uses: ((section: never) => void)[] = [
        (section) => other.bind(other.newLabel(), section),
        (section) => other.embedAddress(other.newLabel(), section),
        (section) => other.embedDifference(other.newLabel(), other.newLabel(), 4, section),
        (section) => other.addFixup(0, 4, other.newLabel(), 0, section),
        (section) => other.addTransfer(0, base, section),
      ];
      for (const use of uses) {
        expect(() => use(cold as never)).to.throw(RangeError, 'section .cold belongs to another CodeHolder');
        expect(() => use(null as never)).to.throw(TypeError, 'a section is needed, not null');
      }
      code.reset();
      expect(code.sections.map(({ name }) => name)).to.deep.equal(['.text', '.rodata']);
      expect(() => cold.append(new Uint8Array(1))).to.throw(RangeError, 'ended with the reset');
      expect(() => code.bind(code.newLabel(), cold)).to.throw(RangeError, 'before its reset');
      expect(code.codeSize).to.equal(0);
      expect(code.newSection('.cold').size).to.equal(0);
    });
  });

  describe('differences of labels', () => {
    it('are what the layout makes of them, in all sizes', () => {
      const code = new CodeHolder();
      const cold = code.newSection('.cold');
      const [start, end] = [code.newLabel(), code.newLabel()];
      code.embedDifference(start, end, 1);
      code.embedDifference(end, start, 1);
      code.embedDifference(start, end, 2);
      code.embedDifference(start, end);
      code.embedDifference(start, end, 8);
      code.embedDifference(end, end, 8, code.text);
      code.bind(start);
      code.text.append(new Uint8Array(40));
      code.bind(end, cold);
      expect(code.offsetOf(end)).to.equal(48);
      expect(hex(code.relocate(base).subarray(-16))).to.equal('d828d8ff' + 'd8ffffff' + 'd8ffffffffffffff');
      const first = hex(code.relocate(base));
      expect(hex(code.relocate((base + 4096) as Address)), 'wherever the code is').to.equal(first);
    });

    it('fit with a sign or without', () => {
      for (const [distance, size, fits] of [
        [255, 1, true],
        [256, 1, false],
        [-128, 1, true],
        [-129, 1, false],
        [65535, 2, true],
        [65536, 2, false],
        [65536, 4, true],
      ] as const) {
        const code = new CodeHolder();
        const [from, to] = [code.newLabel('from'), code.newLabel('to')];
        code.bind(distance < 0 ? to : from);
        code.text.append(new Uint8Array(Math.abs(distance)));
        code.bind(distance < 0 ? from : to);
        code.embedDifference(to, from, size);
        const message = `label to is ${distance} bytes from from, too far for a difference of ${size} bytes`;
        if (fits) code.flatten();
        else expect(() => code.flatten()).to.throw(RangeError, message);
      }
    });

    it('are of labels of the code that are bound in the end', () => {
      const code = new CodeHolder();
      const label = code.newLabel('a');
      expect(() => code.embedDifference(label, new CodeHolder().newLabel())).to.throw(RangeError, 'another');
      expect(() => code.embedDifference({} as never, label)).to.throw(TypeError, 'a label is needed');
      expect(() => code.embedDifference(label, label, 3 as never)).to.throw(
        RangeError,
        '1, 2, 4 or 8 bytes, not 3',
      );
      expect(code.rodata.size).to.equal(0);
      code.embedDifference(label, label);
      expect(() => code.flatten()).to.throw(RangeError, 'label a is used but not bound');
    });
  });

  it('lets go of what an unusually large function needed', () => {
    const code = new CodeHolder();
    const a = new Assembler(code);
    for (let i = 0; i < 100_000; i++) a.addsd(xmm0, ptr(code.float64(i)));
    const image = code.relocate(base);
    const view = new DataView(image.buffer, image.byteOffset);
    for (let i = 0; i < 100_000; i += 997) {
      expect(view.getFloat64(i * 8 + 8 + view.getInt32(i * 8 + 4, true), true)).to.equal(i);
    }
    code.reset();
    expect(code.text.bytes.length).to.be.lessThan(4096);
    a.addsd(xmm0, ptr(code.float64(1)));
    expect(code.codeSize).to.equal(16);
  });

  it('makes the same bytes after a reset as when new', () => {
    const assemble = (code: CodeHolder): string => {
      const a = new Assembler(code);
      const end = code.newLabel('end');
      a.je(end);
      a.addsd(xmm0, ptr(code.float64(0.25)));
      a.callAddress(0x1234 as Address);
      code.embedAddress(end);
      const cold = code.newSection('.cold');
      a.section(cold);
      a.jmp(end);
      code.embedDifference(end, code.float64(0.25), 4, cold);
      a.section(code.text);
      a.bind(end);
      a.ret();
      return hex(code.relocate(base));
    };
    const code = new CodeHolder();
    const first = assemble(code);
    for (let i = 0; i < 3; i++) {
      code.reset();
      expect(assemble(code)).to.equal(first);
    }
  });

  it('makes no room for what is no number of bytes', () => {
    const { text } = new CodeHolder();
    const { bytes } = text;
    for (const count of [Number.NaN, Number.POSITIVE_INFINITY, 1e300, {}, 'many', undefined]) {
      expect(() => text.reserve(count as number)).to.throw(RangeError, 'count must be');
      expect(text.bytes).to.equal(bytes);
    }
  });

  it('fixes up fields of the code only, by what 32 bits hold', () => {
    const code = new CodeHolder();
    const label = code.newLabel();
    code.bind(label);
    const wrong: readonly (readonly [offset: unknown, size: unknown, addend: unknown])[] = [
      [0, 4, 2 ** 31],
      [0, 4, Number.NaN],
      [0, 4, 0.5],
      [-1, 4, 0],
      [0.5, 4, 0],
      [2 ** 40, 4, 0],
      [code.text.bytes.length - 3, 4, 0],
      [0, 8, 0],
    ];
    for (const [offset, size, addend] of wrong) {
      expect(() => code.addFixup(offset as number, size as 4, label, addend as number)).to.throw(RangeError);
    }
    code.addFixup(64, 4, label, -(2 ** 31));
    expect(() => code.flatten()).to.throw(RangeError, 'too far');
  });
});
