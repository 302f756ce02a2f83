/** Emission of what works on several lanes: the packed forms of operations, and those that only lanes have. */

import { elementAt } from '../../support/element.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { ptr } from '../x64/memory.ts';
import { gp32, rsp } from '../x64/register.ts';
import { generalScratch } from './convention.ts';
import { packedMultiplyAdd, type VectorEncoding, vectorEncodings } from './encodings.ts';
import { isMemory } from './location.ts';
import { MachineOp } from './operations.ts';
import { type Places, vector } from './places.ts';

const mnemonic = Object.freeze({
  movups: instructionOf('movups'),
  vmovups: instructionOf('vmovups'),
  movmskpd: instructionOf('movmskpd'),
  vmovmskpd: instructionOf('vmovmskpd'),
  vblendvpd: instructionOf('vblendvpd'),
  vbroadcastsd: instructionOf('vbroadcastsd'),
  cvtpd2ps: instructionOf('cvtpd2ps'),
  cvtps2pd: instructionOf('cvtps2pd'),
  vcvtpd2ps: instructionOf('vcvtpd2ps'),
  vcvtps2pd: instructionOf('vcvtps2pd'),
});

/** Operations that are there for lanes alone, whatever the shape of their operands. */
const onlyPacked: ReadonlySet<number> = new Set([MachineOp.Splat, MachineOp.Give, MachineOp.BranchAny]);

/** Operations on lanes that are more than one instruction, or one with a form of its own. */
const special: ReadonlySet<number> = new Set([MachineOp.Fma, MachineOp.Blend, MachineOp.FDemote]);

/** Is this for {@link PackedEmission}? `hasLanes`: has the result, or what is taken if there is none, several lanes? */
export function isPacked(operation: number, hasLanes: boolean): boolean {
  if (onlyPacked.has(operation)) return true;
  return hasLanes && (vectorEncodings[operation] !== undefined || special.has(operation));
}

export class PackedEmission {
  readonly #assembler: Assembler;
  readonly #places: Places;
  readonly #hasVex: boolean;
  /** By number of a result: its offset from the stack pointer, in bytes. */
  readonly #resultOffset: (number: number) => number;

  constructor(
    assembler: Assembler,
    places: Places,
    hasVex: boolean,
    resultOffset: (number: number) => number,
  ) {
    this.#assembler = assembler;
    this.#places = places;
    this.#hasVex = hasVex;
    this.#resultOffset = resultOffset;
  }

  /** Anything but a branch. */
  emit(operation: number, result: number, first: number, second: number, third: number): void {
    const a = this.#assembler;
    const places = this.#places;
    const encoding = vectorEncodings[operation];
    if (encoding !== undefined) {
      this.#packed(encoding, result, first, second);
      return;
    }
    switch (operation) {
      case MachineOp.Splat:
        this.#splat(result, first);
        return;
      case MachineOp.Give:
        a.emit(
          this.#hasVex ? mnemonic.vmovups : mnemonic.movups,
          ptr(rsp, this.#resultOffset(third)),
          places.lanes(first),
        );
        return;
      case MachineOp.Fma:
        this.#fma(result, first, second, third);
        return;
      case MachineOp.Blend:
        a.emit(
          mnemonic.vblendvpd,
          places.lanes(result),
          places.lanes(first),
          places.lanesOperand(second),
          places.lanes(third),
        );
        return;
      default:
        // To float32 and back.
        a.emit(this.#hasVex ? mnemonic.vcvtpd2ps : mnemonic.cvtpd2ps, vector(result), places.lanes(first));
        a.emit(this.#hasVex ? mnemonic.vcvtps2pd : mnemonic.cvtps2pd, places.lanes(result), vector(result));
    }
  }

  /** Sets the zero flag unless the mask is set in any lane. */
  testAny(mask: number): void {
    const bits = elementAt(gp32, generalScratch);
    const instruction = this.#hasVex ? mnemonic.vmovmskpd : mnemonic.movmskpd;
    this.#assembler.emit(instruction, bits, this.#places.lanes(mask));
    this.#assembler.test(bits, bits);
  }

  #packed(
    { packedSse, packedVex, immediate }: VectorEncoding,
    result: number,
    first: number,
    second: number,
  ): void {
    const a = this.#assembler;
    const places = this.#places;
    const immediateOperand = immediate < 0 ? undefined : immediate;
    const destination = places.lanes(result);
    if (second < 0) {
      a.emit(this.#hasVex ? packedVex : packedSse, destination, places.lanes(first), immediateOperand);
    } else if (this.#hasVex) {
      a.emit(packedVex, destination, places.lanes(first), places.lanesOperand(second), immediateOperand);
    } else if (result === second && result !== first) {
      a.emit(packedSse, destination, places.lanes(first), immediateOperand);
    } else {
      places.move(result, first);
      a.emit(packedSse, destination, places.lanesOperand(second), immediateOperand);
    }
  }

  #splat(result: number, first: number): void {
    const a = this.#assembler;
    if (this.#hasVex) {
      a.emit(mnemonic.vbroadcastsd, this.#places.lanes(result), this.#places.vectorOperand(first));
      return;
    }
    if (isMemory(first)) a.movsd(vector(result), this.#places.memory(first));
    else this.#places.move(result, first);
    a.unpcklpd(vector(result), vector(result));
  }

  /** Picks the form that overwrites what the result's register held; at most one of the operands is memory. */
  #fma(result: number, first: number, second: number, addend: number): void {
    const a = this.#assembler;
    const places = this.#places;
    const { form132, form213, form231 } = packedMultiplyAdd;
    const destination = places.lanes(result);
    if (result === addend) {
      a.emit(form231, destination, places.lanes(first), places.lanesOperand(second));
      return;
    }
    if (result === second) {
      a.emit(form213, destination, places.lanes(first), places.lanesOperand(addend));
      return;
    }
    places.move(result, first);
    if (isMemory(second)) a.emit(form132, destination, places.lanes(addend), places.memory(second));
    else a.emit(form213, destination, places.lanes(second), places.lanesOperand(addend));
  }
}
