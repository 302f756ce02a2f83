import type { Addon } from '../../src/native/addon.ts';
import { loadAddon } from '../../src/native/loader.ts';
import { invariant } from '../../src/support/invariant.ts';

/** The `.node` file that the product uses. */
export function addonFile(): string {
  const { file, error } = loadAddon();
  invariant(file !== undefined, `these tests need the addon: ${error?.message}`);
  return file;
}

/**
 * Another instance of the addon, with a registry, frame and dispatcher of its own, as a worker would have.
 * Tests that misuse an instance leave the one of the product alone.
 */
export function freshAddon(): Addon {
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, addonFile());
  return module.exports as Addon;
}
