/**
 * Emission of integer divisions.
 *
 * `div` and `idiv` take their dividend from `rax` and `rdx`, and leave quotient and remainder there; values may have either register,
 * so what stands in them is put aside, in scratch registers. They trap for a divisor of 0, and `idiv` where the quotient does not fit: the
 * least integer by -1. Of both divisors y the quotient is x y, modulo 2^64, and the remainder x and not y. So one comparison finds them.
 */
import { type Division, divisionOf } from '../ir/division.ts';
import type { Assembler } from '../x64/assembler.ts';
import { ptr } from '../x64/memory.ts';
import { Gpr, generalScratch, vectorScratch } from './convention.ts';
import { generalLocation } from './location.ts';
import { general, low32, type Places } from './places.ts';
import { divisionTable } from './selection-tables.ts';

/** By machine operation. */
export const divisions: ReadonlyMap<number, Division> = new Map(
  divisionTable.flatMap(([opcode, machineOp]) => {
    const division = divisionOf(opcode);
    return division === undefined ? [] : [[machineOp, division] as const];
  }),
);

const rax = generalLocation(Gpr.Rax);
const rdx = generalLocation(Gpr.Rdx);
const scratch = generalLocation(generalScratch);

/** All three places are registers; `mayTrap` says whether the divisor may be 0 or -1. */
export function emitDivision(
  a: Assembler,
  places: Places,
  division: Division,
  result: number,
  dividend: number,
  divisor: number,
  mayTrap: boolean,
): void {
  if (!mayTrap) {
    divide(a, places, division, result, dividend, divisor);
    return;
  }
  const [usual, end] = [a.code.newLabel(), a.code.newLabel()];
  special(a, places, division, result, dividend, divisor, () => {
    a.short();
    if (division.isSigned) a.ja(usual);
    else a.jne(usual);
  });
  a.short();
  a.jmp(end);
  a.bind(usual);
  divide(a, places, division, result, dividend, divisor);
  a.bind(end);
}

/** What comes of the divisors that the instruction traps for; `skip` leaves for all others. */
function special(
  a: Assembler,
  places: Places,
  { isSigned, isRemainder, isNarrow }: Division,
  result: number,
  dividend: number,
  divisor: number,
  skip: () => void,
): void {
  if (!isSigned) {
    a.test(general(divisor), general(divisor));
    skip();
    places.move(result, isRemainder ? dividend : divisor);
    return;
  }
  const register = isNarrow ? low32 : general;
  a.lea(register(scratch), ptr(general(divisor), 1));
  a.cmp(register(scratch), 1);
  skip();
  if (isRemainder) {
    a.mov(register(scratch), register(divisor));
    a.not(register(scratch));
    a.and(register(scratch), register(dividend));
  } else {
    a.mov(register(scratch), register(dividend));
    a.imul(register(scratch), register(divisor));
  }
  if (isNarrow) a.movsxd(general(result), low32(scratch));
  else places.move(result, scratch);
}

function divide(
  a: Assembler,
  places: Places,
  { isSigned, isRemainder, isNarrow }: Division,
  result: number,
  dividend: number,
  divisor: number,
): void {
  const isInTheWay = divisor === rax || divisor === rdx;
  const by = isInTheWay ? scratch : divisor;
  places.move(by, divisor);
  const aside = [vectorScratch];
  if (!isInTheWay) aside.push(scratch);
  /** Register, and where what it held is kept meanwhile. */
  const kept: (readonly [register: number, place: number])[] = [];
  for (const register of [rax, rdx]) {
    if (register === result) continue;
    if (register === divisor) {
      kept.push([register, scratch]);
      continue;
    }
    const place = aside.pop() as number;
    places.move(place, register);
    kept.push([register, place]);
  }
  places.move(rax, dividend);
  const width = isNarrow ? low32 : general;
  if (isSigned) {
    if (isNarrow) a.cdq();
    else a.cqo();
    a.idiv(width(by));
  } else {
    a.xor(low32(rdx), low32(rdx));
    a.div(width(by));
  }
  const computed = isRemainder ? rdx : rax;
  if (isNarrow) a.movsxd(general(result), low32(computed));
  else places.move(result, computed);
  for (const [register, place] of kept) places.move(register, place);
}
