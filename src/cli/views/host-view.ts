import type { EngineStatistics, HostReport, MemoryReport } from '../../index.ts';
import { formatBytes, formatCount } from '../format.ts';
import type { Palette } from '../style.ts';
import { isTestedPlatform } from '../tested-platforms.ts';

/** What works here and what does not, with what helps. */
export function hostView(
  report: HostReport,
  engine: EngineStatistics,
  palette: Palette,
  columns = 98,
): string {
  const good = palette.green('✓');
  const bad = palette.red('✗');
  const { node, platform, architecture, addon, cpu, memory } = report;
  const lines = [`${good} Node.js ${node} on ${platform}-${architecture}`];
  if (!isTestedPlatform(platform, architecture)) {
    lines.push(`${bad} untested: exprjit is not tested on ${platform}-${architecture}`);
  }
  lines.push(addon.error === undefined ? `${good} native addon ${addon.file}` : `${bad} ${addon.error}`);
  if (cpu !== undefined) {
    lines.push(`${good} ${cpu.brand.trim() || cpu.vendor}`);
    lines.push(
      `  instruction sets: ${cpu.levels.join(', ')}`,
      ...wrap(cpu.features, '  features: ', Math.min(columns, 98)),
    );
  }
  if (memory !== undefined) {
    const large =
      memory.largePageSize === 0 ? 'no large pages' : `large pages of ${formatBytes(memory.largePageSize)}`;
    lines.push(
      `${good} pages of ${formatBytes(memory.pageSize)}, mapped by ${formatBytes(memory.pageGranularity)}, ${large}`,
    );
    lines.push(
      memory.isHardened
        ? '  the OS forbids memory that is writable and executable at once'
        : '  the OS allows memory that is writable and executable at once; exprjit does not use it by default',
    );
    lines.push(...limitLines(memory), 'executable memory:');
    for (const { strategy, works, code, syscall, hint } of memory.strategies) {
      lines.push(
        `  ${works ? good : bad} ${strategy}${works ? '' : `: ${[syscall, code].filter(Boolean).join(' ')}`}`,
      );
      if (hint !== undefined) lines.push(`      ${hint}`);
    }
  }
  lines.push(...backendLines(engine, good, bad));
  return lines.join('\n');
}

/** What formulas run as, and why it is not machine code. */
function backendLines(
  { backend, cpu, fallbackReason, calls, slowCallReason }: EngineStatistics,
  good: string,
  bad: string,
): string[] {
  if (backend === 'native') {
    const way = calls === 'fast' ? "as V8's fast calls" : `by Node-API: ${slowCallReason}`;
    return [`${good} formulas run as machine code for ${cpu}`, `  they are called ${way}`];
  }
  const how = backend === 'wasm' ? 'formulas run as WebAssembly' : 'formulas are interpreted';
  return [`${backend === 'wasm' ? good : bad} ${how}: ${fallbackReason ?? 'as asked for'}`];
}

function limitLines({ addressSpaceLimit, mappingLimit }: MemoryReport): string[] {
  const lines: string[] = [];
  if (typeof addressSpaceLimit === 'number')
    lines.push(`  address space: at most ${formatBytes(addressSpaceLimit)}`);
  if (mappingLimit !== undefined) lines.push(`  mappings: at most ${formatCount(mappingLimit)}`);
  return lines;
}

/** Words on as many lines as they need. */
function wrap(words: readonly string[], prefix: string, columns: number): string[] {
  const lines: string[] = [];
  let line = prefix;
  for (const word of words) {
    if (line.length + word.length > columns) {
      lines.push(line.trimEnd());
      line = ' '.repeat(prefix.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
