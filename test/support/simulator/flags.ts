/** The flags, with those that the manual leaves undefined after an instruction known as such: to read one is an error. */

type FlagName = 'carry' | 'zero' | 'sign' | 'overflow' | 'parity';

/** What decides jumps, sets and moves, by the ends of their mnemonics. */
const conditions: Readonly<Record<string, (flags: Flags) => boolean>> = {
  o: (flags) => flags.get('overflow'),
  b: (flags) => flags.get('carry'),
  e: (flags) => flags.get('zero'),
  be: (flags) => flags.get('carry') || flags.get('zero'),
  s: (flags) => flags.get('sign'),
  p: (flags) => flags.get('parity'),
  l: (flags) => flags.get('sign') !== flags.get('overflow'),
  le: (flags) => flags.get('zero') || flags.get('sign') !== flags.get('overflow'),
};

const opposites: Readonly<Record<string, string>> = {
  no: 'o',
  ae: 'b',
  ne: 'e',
  a: 'be',
  ns: 's',
  np: 'p',
  ge: 'l',
  g: 'le',
};

export const conditionNames: readonly string[] = [...Object.keys(conditions), ...Object.keys(opposites)];

export class Flags {
  /** Undefined: the manual says so. */
  readonly #values: Record<FlagName, boolean | undefined> = {
    carry: undefined,
    zero: undefined,
    sign: undefined,
    overflow: undefined,
    parity: undefined,
  };

  get(name: FlagName): boolean {
    const value = this.#values[name];
    if (value === undefined) throw new Error(`reads the ${name} flag, which is undefined here`);
    return value;
  }

  /** All flags; those that are left out become undefined. */
  set(values: Partial<Record<FlagName, boolean>>): void {
    const target = this.#values;
    target.carry = values.carry;
    target.zero = values.zero;
    target.sign = values.sign;
    target.overflow = values.overflow;
    target.parity = values.parity;
  }

  /** Zero, sign and parity as a result of `bits` bits has them, besides carry and overflow. */
  setResult(result: bigint, bits: number, carry: boolean | undefined, overflow: boolean | undefined): void {
    const target = this.#values;
    target.carry = carry;
    target.overflow = overflow;
    target.zero = result === 0n;
    target.sign = BigInt.asIntN(bits, result) < 0n;
    target.parity = hasEvenParity(Number(result & 0xffn));
  }

  holds(condition: string): boolean {
    const opposite = opposites[condition];
    if (opposite !== undefined) return !this.holds(opposite);
    const test = conditions[condition];
    if (test === undefined) throw new Error(`unknown condition ${condition}`);
    return test(this);
  }
}

function hasEvenParity(byte: number): boolean {
  const nibbles = byte ^ (byte >> 4);
  // Bit n of the word is the parity of n.
  return ((0x6996 >> (nibbles & 15)) & 1) === 0;
}
