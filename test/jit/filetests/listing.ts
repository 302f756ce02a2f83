/** Excerpts of listings. They leave out what is the same in all, so that a case is seen at one look. */

/** Column of an instruction's bytes, behind its offset. */
const bytesAt = 8;

const isLabel = (line: string): boolean => line.endsWith(':');
const isNamed = (line: string): boolean => isLabel(line) && !/^L\d+:$/.test(line);

/** What stands from the label of a name up to the next. */
export function routineOf(listing: string, name: string): string {
  const lines = listing.split('\n');
  const start = lines.indexOf(`${name}:`);
  const next = lines.findIndex((line, i) => i > start && isNamed(line));
  return lines.slice(start, next < 0 ? undefined : next).join('\n');
}

/** Behind functions: what asks for fuel and goes back, what tells who asks, and the routine of `refuel.ts` with two returns. */
const fuelCode = [
  /^L\d+:\n.* call L\d+\n.* jmp L\d+\n/gm,
  /^L\d+:\n.* mov dword ptr \[rbx\+0x34\], \d+\n.* jmp L\d+\n/gm,
  /^L\d+:\n.* push rax\n[\s\S]*?; refuel\n[\s\S]*? ret\n[\s\S]*? ret(\n|$)/gm,
] as const;

/** Without padding, with each constant of lanes once, and without {@link fuelCode}: jumps whose labels are missing go there. */
export function essenceOf(listing: string): string {
  const isRepeated = (line: string, before = ''): boolean =>
    line.includes('  dq ') && line.slice(bytesAt) === before.slice(bytesAt);
  const lines = listing.split('\n');
  const kept = lines.filter((line, i) => !line.endsWith('  nop') && !isRepeated(line, lines[i - 1]));
  return fuelCode.reduce((text, code) => text.replace(code, ''), kept.join('\n'));
}

/** The loop of a kernel that takes so many rows a round. */
export function loopOf(listing: string, rows: number): string {
  const lines = listing.split('\n');
  const step = lines.findIndex((line) => new RegExp(`  add r\\w+, ${rows}$`).test(line));
  const start = lines.findLastIndex((line, i) => i < step && isLabel(line));
  if (start < 0) throw new Error(`no loop takes ${rows} rows`);
  // The step is followed by a comparison and the jump back.
  return lines.slice(start, step + 3).join('\n');
}

/** Of IR the shortest block that is a loop over lanes: that for one vector. */
export function vectorBlockOf(ir: string): string {
  const blocks = ir.split(/^(?=b\d+\()/m).slice(1);
  const loops = blocks.filter((block) => {
    const name = block.slice(0, block.indexOf('('));
    return new RegExp(`branch .*\\b${name}\\(`).test(block) && /: (?:f64|i64|mask)x\d/.test(block);
  });
  const [shortest] = loops.sort((one, other) => one.length - other.length);
  return shortest?.trimEnd() ?? ir;
}
