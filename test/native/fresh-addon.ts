import type { Addon } from '../../src/native/addon.ts';
import { loadAddon } from '../../src/native/loader.ts';
import { openSession, type Session } from '../../src/native/session.ts';

/** The `.node` file that the product uses. */
export function addonFile(): string {
  const { file, error } = loadAddon();
  if (file === undefined) throw error;
  return file;
}

/** An instance of the addon with a session, whose dispatcher can be replaced. */
export interface TestAddon extends Addon, Session {
  setHostDispatcher(dispatcher: () => void): void;
}

/**
 * Another instance of the addon, with a registry and a session of its own, as a worker would have.
 * Tests that misuse an instance leave the one of the product alone.
 */
export function freshAddon(): TestAddon {
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, addonFile());
  return withSession(module.exports as Addon);
}

/** The addon with a session of its own. */
export function withSession(addon: Addon): TestAddon {
  let dispatch = (): void => {
    throw new Error('no dispatcher is set');
  };
  const session = openSession(addon, () => dispatch());
  const setHostDispatcher = (dispatcher: () => void): void => {
    dispatch = dispatcher;
  };
  return { ...addon, ...session, setHostDispatcher };
}
