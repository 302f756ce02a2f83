import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

const nativeFolder = fileURLToPath(new URL('../../native/', import.meta.url));

/** What native/binding.gyp says of one of its targets on one system. */
export interface GypTarget {
  /** Paths. */
  readonly sources: readonly string[];
  readonly defines: readonly string[];
  readonly flags: readonly string[];
}

interface Settings {
  readonly sources?: readonly string[];
  readonly defines?: readonly string[];
  readonly cflags?: readonly string[];
  readonly cflags_cc?: readonly string[];
  readonly conditions?: readonly (readonly [condition: string, then: Settings, otherwise?: Settings])[];
}

/** Reads it there, so that what node-gyp builds and what is brought along are made of the same sources. */
export function gypTarget(name: string, os: string): GypTarget {
  const { targets } = readGyp();
  const found = targets.find(({ target_name }) => target_name === name);
  if (found === undefined) throw new Error(`native/binding.gyp has no target ${name}`);
  const parts = [found, ...(found.conditions ?? []).map((condition) => chosen(condition, os))];
  return {
    sources: parts.flatMap(({ sources = [] }) => sources).map((source) => nativeFolder + source),
    defines: parts.flatMap(({ defines = [] }) => defines),
    flags: parts.flatMap(({ cflags = [], cflags_cc = [] }) => [...cflags, ...cflags_cc]),
  };
}

/** The format is Python's: lists and dictionaries of strings are JavaScript's too, once comments are off. */
function readGyp(): { targets: readonly (Settings & { target_name: string })[] } {
  const text = readFileSync(`${nativeFolder}binding.gyp`, 'utf8').replaceAll(/^ *#.*$/gm, '');
  return runInNewContext(`(${text})`);
}

function chosen([condition, then, otherwise]: readonly [string, Settings, Settings?], os: string): Settings {
  const asked = /^OS=='(\w+)'$/.exec(condition)?.[1];
  if (asked === undefined)
    throw new Error(`native/binding.gyp has a condition that is not understood: ${condition}`);
  return (asked === os ? then : otherwise) ?? {};
}
