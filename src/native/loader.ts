import { createRequire } from 'node:module';
import { codeUrl } from '../support/code-url.ts';
import type { Addon } from './addon.ts';
import { addonFiles } from './addon-files.ts';
import { type NativeUnavailableCode, NativeUnavailableError } from './native-unavailable-error.ts';

/** The addon and the file it came from, or why there is none. */
export type AddonLoad =
  | { readonly addon: Addon; readonly file: string; readonly error: undefined }
  | { readonly addon: undefined; readonly file: undefined; readonly error: NativeUnavailableError };

let loaded: AddonLoad | undefined;

/**
 * Loads the addon, at the first call in this environment; later calls give the same answer. This is the only
 * place that touches the `.node` file. Never throws: where machine code cannot run, something else can.
 */
export function loadAddon(): AddonLoad {
  loaded ??= load();
  return loaded;
}

/** The addon, for callers that are nothing without it. Throws {@link NativeUnavailableError}. */
export function requireAddon(): Addon {
  const { addon, error } = loadAddon();
  if (addon === undefined) throw error;
  return addon;
}

function load(): AddonLoad {
  const require = createRequire(codeUrl());
  const failures: { readonly file: string; readonly cause: unknown }[] = [];
  for (const file of addonFiles(codeUrl())) {
    try {
      return { addon: require(file) as Addon, file, error: undefined };
    } catch (cause) {
      if (isDenied(cause)) return refuse('E_NATIVE_LOAD_FAILED', denial(`may not load ${file}`), cause);
      failures.push({ file, cause });
    }
  }
  if (failures.length > 0) {
    const reasons = failures.map(({ file, cause }) => `${file}: ${messageOf(cause)}`);
    return refuse(
      'E_NATIVE_LOAD_FAILED',
      `exprjit cannot load its native addon ${reasons.join('; nor ')}`,
      failures[0]?.cause,
    );
  }
  if (!mayReadAll()) return refuse('E_NATIVE_LOAD_FAILED', denial('may not read all files'), undefined);
  return refuse(
    'E_NATIVE_NOT_BUILT',
    `exprjit has no native addon for ${process.platform}-${process.arch}: ` +
      'the package brings them for Linux, Windows and macOS on x64; in a checkout run `npm run build:native`',
    undefined,
  );
}

function refuse(code: NativeUnavailableCode, message: string, cause: unknown): AddonLoad {
  const error = new NativeUnavailableError(code, message, cause === undefined ? undefined : { cause });
  return { addon: undefined, file: undefined, error };
}

/** Whether Node's permission model, if it is on, lets this process read any file. */
function mayReadAll(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  return permission === undefined || permission.has('fs.read');
}

function isDenied(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  const { code } = cause;
  // Of `require` of an addon without `--allow-addons`; and of any read that is not allowed.
  return code === 'ERR_ACCESS_DENIED' || code === 'ERR_DLOPEN_DISABLED';
}

function denial(what: string): string {
  return (
    `Node's permission model keeps exprjit from its native addon: this process ${what}. ` +
    'It takes --allow-addons and --allow-fs-read of the whole package'
  );
}

function messageOf(cause: unknown): string {
  // Windows ends its messages with a newline.
  return (cause instanceof Error ? cause.message : String(cause)).trim();
}
