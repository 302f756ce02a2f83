import { readFileSync } from 'node:fs';
import { type FeatureLevel, levelsOf } from '../../jit/machine/feature-level.ts';
import { VirtMem } from '../../mem/virt-mem.ts';
import { HardenedRuntimeFlags } from '../../mem/virt-mem-backend.ts';
import type { ProbeResult } from '../../native/addon.ts';
import { loadAddon } from '../../native/loader.ts';

/** What this machine and process offer to exprjit. Plain data, to print or to put into a bug report. */
export interface HostReport {
  /** Version of Node.js. */
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  readonly addon: {
    /** The file that was loaded. */
    readonly file: string | undefined;
    /** Why none was. */
    readonly error: string | undefined;
  };
  /** The rest is undefined without the addon. */
  readonly cpu: CpuReport | undefined;
  readonly memory: MemoryReport | undefined;
}

/** What CPUID says. */
export interface CpuReport {
  readonly vendor: string;
  readonly brand: string;
  /** Names as CPUID has them, of what the OS has enabled. */
  readonly features: readonly string[];
  /** What `cpu` of an engine may be, lowest first. */
  readonly levels: readonly FeatureLevel[];
}

/** Sizes in bytes. */
export interface MemoryReport {
  readonly pageSize: number;
  readonly pageGranularity: number;
  /** 0 if there are none. */
  readonly largePageSize: number;
  /** Whether the OS forbids memory that is writable and executable at once. */
  readonly isHardened: boolean;
  /** Mappings that this process may have, each block takes two; undefined where the OS does not say. */
  readonly mappingLimit: number | undefined;
  /** Bytes of address space that this process may have. */
  readonly addressSpaceLimit: number | 'unlimited' | undefined;
  /** Each way to executable memory, tried with code that was run; or, where it fails, why and what helps. */
  readonly strategies: readonly ProbeResult[];
}

/** Looks at the machine; takes milliseconds, since it maps memory and runs code in it. Never throws. */
export function hostReport(): HostReport {
  const { addon, file, error } = loadAddon();
  const { version, platform, arch } = process;
  const report = { node: version, platform, architecture: arch, addon: { file, error: error?.message } };
  if (addon === undefined) return { ...report, cpu: undefined, memory: undefined };
  const { vendor, brand, features } = addon.cpuInfo();
  return {
    ...report,
    cpu: { vendor, brand, features, levels: levelsOf(features) },
    memory: {
      ...VirtMem.info(),
      largePageSize: VirtMem.largePageSize(),
      isHardened: (VirtMem.hardenedRuntimeInfo().flags & HardenedRuntimeFlags.Enabled) !== 0,
      mappingLimit: mappingLimit(),
      addressSpaceLimit: addressSpaceLimit(),
      strategies: VirtMem.probe().results,
    },
  };
}

function mappingLimit(): number | undefined {
  const text = readSystemFile('/proc/sys/vm/max_map_count');
  return text === undefined ? undefined : Number(text);
}

function addressSpaceLimit(): number | 'unlimited' | undefined {
  const soft = /^Max address space +(\S+)/m.exec(readSystemFile('/proc/self/limits') ?? '')?.[1];
  if (soft === undefined || soft === 'unlimited') return soft;
  return Number(soft);
}

/** Undefined where the OS has no such file. */
function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
