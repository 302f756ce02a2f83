/** Emission of what works on doubles in vector registers, on the lowest lane or on all of them, and of what lanes alone have. */
import { elementAt } from '../../support/element.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import type { Mem } from '../x64/memory.ts';
import { type Gp32, gp32, type Vec, ymm } from '../x64/register.ts';
import { generalScratch } from './convention.ts';
import { type FusedEncoding, fusedEncodings, type VectorEncoding, vectorEncodings } from './encodings.ts';
import { emitIntegers } from './integer-lanes-emission.ts';
import { isMemory } from './location.ts';
import { emitMasks } from './mask-emission.ts';
import { MachineOp } from './operations.ts';
import { mask, type Places, vector } from './places.ts';

const mnemonic = Object.freeze({
  movmskpd: instructionOf('movmskpd'),
  vmovmskpd: instructionOf('vmovmskpd'),
  vblendvpd: instructionOf('vblendvpd'),
  vbroadcastsd: instructionOf('vbroadcastsd'),
  cvtpd2ps: instructionOf('cvtpd2ps'),
  cvtps2pd: instructionOf('cvtps2pd'),
  vcvtpd2ps: instructionOf('vcvtpd2ps'),
  vcvtps2pd: instructionOf('vcvtps2pd'),
});

export class VectorEmission {
  readonly #assembler: Assembler;
  readonly #places: Places;
  readonly #hasVex: boolean;

  constructor(assembler: Assembler, places: Places, hasVex: boolean) {
    this.#assembler = assembler;
    this.#places = places;
    this.#hasVex = hasVex;
  }

  /** Emits the operation, on all lanes or on one; says whether it is one of vectors. */
  emit(
    operation: number,
    onLanes: boolean,
    result: number,
    first: number,
    second: number,
    third: number,
  ): boolean {
    const encoding = vectorEncodings[operation];
    if (encoding !== undefined) {
      if (second < 0) this.#unary(encoding, onLanes, result, first);
      else this.#binary(encoding, onLanes, result, first, second);
      return true;
    }
    const fused = fusedEncodings.get(operation);
    if (fused !== undefined) {
      this.#fused(onLanes ? fused.all : fused.one, onLanes, result, first, second, third);
      return true;
    }
    switch (operation) {
      case MachineOp.Blend:
        this.#assembler.emit(
          mnemonic.vblendvpd,
          this.#register(onLanes, result),
          this.#register(onLanes, first),
          this.#operand(onLanes, second),
          this.#register(onLanes, third),
        );
        return true;
      case MachineOp.FDemote:
        if (onLanes) this.#demoteLanes(result, first);
        else this.#demote(result, first);
        return true;
      case MachineOp.Splat:
        this.#splat(result, first);
        return true;
    }
    if (this.#places.lanes === 1) return false;
    const [a, places] = [this.#assembler, this.#places];
    return (
      emitIntegers(a, places, this.#hasVex, operation, result, first, second, third) ||
      (places.isWide && emitMasks(a, places, operation, result, first, second, third))
    );
  }

  /** Sets the zero flag unless the mask is set in any lane. */
  testAny(operation: number, place: number): void {
    if (operation === MachineOp.BranchAnyK) {
      this.#assembler.kortestb(mask(place), mask(place));
      return;
    }
    const bits = this.#laneBits(place);
    this.#assembler.test(bits, bits);
  }

  /** Sets the zero flag if the mask is set in all lanes; with masks of their own the carry flag. Leaves the bits of lanes, if it takes them. */
  testAll(isMask: boolean, place: number): void {
    if (isMask) this.#assembler.kortestb(mask(place), mask(place));
    else this.#assembler.cmp(this.#laneBits(place), (1 << this.#places.lanes) - 1);
  }

  /** A bit for each lane of a mask. */
  #laneBits(place: number): Gp32 {
    const bits = elementAt(gp32, generalScratch);
    const instruction = this.#hasVex ? mnemonic.vmovmskpd : mnemonic.movmskpd;
    this.#assembler.emit(instruction, bits, this.#places.laneRegister(place));
    return bits;
  }

  #register(onLanes: boolean, location: number): Vec {
    return onLanes ? this.#places.laneRegister(location) : vector(location);
  }

  #operand(onLanes: boolean, location: number): Vec | Mem {
    return onLanes ? this.#places.lanesOperand(location) : this.#places.vectorOperand(location);
  }

  #unary(encoding: VectorEncoding, onLanes: boolean, result: number, first: number): void {
    const { sse, vex, packedSse, packedVex, packedEvex, immediate } = encoding;
    const a = this.#assembler;
    const trailing = immediate < 0 ? undefined : immediate;
    const destination = this.#register(onLanes, result);
    const source = this.#register(onLanes, first);
    if (onLanes) {
      const ofVex = this.#places.isWide ? packedEvex : packedVex;
      a.emit(this.#hasVex ? ofVex : packedSse, destination, source, trailing);
    } else if (this.#hasVex) {
      a.emit(vex, destination, source, source, trailing);
    } else {
      this.#places.move(result, first);
      a.emit(sse, destination, destination, trailing);
    }
  }

  #binary(encoding: VectorEncoding, onLanes: boolean, result: number, first: number, second: number): void {
    const { sse, vex, packedSse, packedVex, packedEvex, immediate } = encoding;
    const a = this.#assembler;
    const trailing = immediate < 0 ? undefined : immediate;
    const destination = this.#register(onLanes, result);
    if (onLanes && this.#places.isWide) {
      a.emit(
        packedEvex,
        destination,
        this.#register(true, first),
        this.#places.broadcastOperand(second),
        trailing,
      );
    } else if (this.#hasVex) {
      const instruction = onLanes ? packedVex : vex;
      a.emit(
        instruction,
        destination,
        this.#register(onLanes, first),
        this.#operand(onLanes, second),
        trailing,
      );
    } else if (result === second && result !== first) {
      a.emit(onLanes ? packedSse : sse, destination, this.#register(onLanes, first), trailing);
    } else {
      this.#places.move(result, first);
      a.emit(onLanes ? packedSse : sse, destination, this.#operand(onLanes, second), trailing);
    }
  }

  /** Picks the form that overwrites what the result's register held; at most one of the operands is memory. */
  #fused(
    { form132, form213, form231 }: FusedEncoding,
    onLanes: boolean,
    result: number,
    first: number,
    second: number,
    addend: number,
  ): void {
    const a = this.#assembler;
    const destination = this.#register(onLanes, result);
    if (result === addend) {
      a.emit(form231, destination, this.#register(onLanes, first), this.#operand(onLanes, second));
      return;
    }
    if (result === second) {
      a.emit(form213, destination, this.#register(onLanes, first), this.#operand(onLanes, addend));
      return;
    }
    this.#places.move(result, first);
    if (isMemory(second)) {
      a.emit(form132, destination, this.#register(onLanes, addend), this.#operand(onLanes, second));
    } else {
      a.emit(form213, destination, this.#register(onLanes, second), this.#operand(onLanes, addend));
    }
  }

  /** To float32 and back. */
  #demote(result: number, first: number): void {
    const a = this.#assembler;
    const destination = vector(result);
    if (this.#hasVex) {
      a.vcvtsd2ss(destination, vector(first), vector(first));
      a.vcvtss2sd(destination, destination, destination);
      return;
    }
    this.#places.move(result, first);
    a.cvtsd2ss(destination, destination);
    a.cvtss2sd(destination, destination);
  }

  /** The same, by half a register. */
  #demoteLanes(result: number, first: number): void {
    const a = this.#assembler;
    const places = this.#places;
    const half = places.isWide ? elementAt(ymm, result) : vector(result);
    a.emit(this.#hasVex ? mnemonic.vcvtpd2ps : mnemonic.cvtpd2ps, half, places.laneRegister(first));
    a.emit(this.#hasVex ? mnemonic.vcvtps2pd : mnemonic.cvtps2pd, places.laneRegister(result), half);
  }

  #splat(result: number, first: number): void {
    const a = this.#assembler;
    if (this.#hasVex) {
      a.emit(mnemonic.vbroadcastsd, this.#places.laneRegister(result), this.#places.vectorOperand(first));
      return;
    }
    if (isMemory(first)) a.movsd(vector(result), this.#places.memory(first));
    else this.#places.move(result, first);
    a.unpcklpd(vector(result), vector(result));
  }
}
