/** FMA3 comes as a grid: four operations, three orders of operands, four element types. */
const operations = { vfmadd: 0x8, vfmsub: 0xa, vfnmadd: 0xc, vfnmsub: 0xe } as const;
const orders = { '132': 0x90, '213': 0xa0, '231': 0xb0 } as const;

type FmaMnemonic<Suffix extends string> = `${keyof typeof operations}${keyof typeof orders}${Suffix}`;

/** The twelve mnemonics of an element type; `lines` takes the opcode, which is one higher for scalars. */
export function fma<Suffix extends 'pd' | 'ps' | 'sd' | 'ss', Lines>(
  suffix: Suffix,
  lines: (opcode: string) => Lines,
): Record<FmaMnemonic<Suffix>, Lines> {
  const isScalar = suffix.startsWith('s');
  const family = Object.entries(operations).flatMap(([operation, low]) =>
    Object.entries(orders).map(([order, high]) => {
      const opcode = high + low + (isScalar ? 1 : 0);
      return [`${operation}${order}${suffix}`, lines(opcode.toString(16).toUpperCase())] as const;
    }),
  );
  return Object.fromEntries(family) as Record<FmaMnemonic<Suffix>, Lines>;
}
