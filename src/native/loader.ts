import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CodedError } from '../support/coded-error.ts';
import { packageRoot } from '../support/package-root.ts';
import { isReadable, readableNames } from '../support/readable.ts';
import type { Addon } from './addon.ts';

export type NativeUnavailableCode = 'E_NATIVE_NOT_BUILT' | 'E_NATIVE_LOAD_FAILED' | 'E_NATIVE_UNSUPPORTED';

/** The addon cannot be had here, so nothing can run but the interpreter. */
export class NativeUnavailableError extends CodedError<NativeUnavailableCode> {
  override readonly name = 'NativeUnavailableError';
}

/** The addon and the file it came from, or why there is none. */
export type AddonLoad =
  | { readonly addon: Addon; readonly file: string; readonly error: undefined }
  | { readonly addon: undefined; readonly file: undefined; readonly error: NativeUnavailableError };

let loaded: AddonLoad | undefined;

/**
 * Loads the addon, at the first call in this environment; later calls give the same answer. This is the only
 * place that touches the `.node` file. Never throws: where native code cannot run, the interpreter can.
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
  const require = createRequire(import.meta.url);
  let firstFailure: { file: string; cause: unknown } | undefined;
  for (const file of addonFiles(packageRoot(import.meta.url))) {
    try {
      return { addon: require(file) as Addon, file, error: undefined };
    } catch (cause) {
      if (isDenied(cause)) return refuse('E_NATIVE_LOAD_FAILED', denial(`may not load ${file}`), cause);
      firstFailure ??= { file, cause };
    }
  }
  if (firstFailure !== undefined) {
    const { file, cause } = firstFailure;
    return refuse(
      'E_NATIVE_LOAD_FAILED',
      `exprjit cannot load its native addon ${file}: ${messageOf(cause)}`,
      cause,
    );
  }
  if (!mayReadAll()) return refuse('E_NATIVE_LOAD_FAILED', denial('may not read all files'), undefined);
  return refuse(
    'E_NATIVE_NOT_BUILT',
    `exprjit has no native addon for ${process.platform}-${process.arch}: ` +
      'the package brings one for linux-x64; in a checkout run `npm run build:native`',
    undefined,
  );
}

function refuse(code: NativeUnavailableCode, message: string, cause: unknown): AddonLoad {
  const error = new NativeUnavailableError(code, message, cause === undefined ? undefined : { cause });
  return { addon: undefined, file: undefined, error };
}

/** The files that may hold the addon: a checkout's own build first, then what the package brings. */
function addonFiles(root: string): string[] {
  const built = join(root, 'native', 'build', 'Release', 'exprjit.node');
  const prebuilds = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  const prebuilt = readableNames(prebuilds)
    .filter((name) => name.endsWith('.node'))
    .sort()
    .map((name) => join(prebuilds, name));
  return isReadable(built) ? [built, ...prebuilt] : prebuilt;
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
  return cause instanceof Error ? cause.message : String(cause);
}
