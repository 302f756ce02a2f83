import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { NativeUnavailableError } from '../../src/native/native-unavailable-error.ts';

type Numbers = Readonly<Record<string, number>>;

/** What `native/test/layouts.cc` exports. */
export interface NativeLayouts {
  readonly frame: Numbers;
  readonly traps: Numbers;
  readonly hostRequests: Numbers;
  readonly frameSizes: Numbers;
  readonly kernelFrame: Numbers;
  readonly kernelRequest: Numbers;
  readonly kernelStatus: Numbers;
  readonly kernelControl: Numbers;
  readonly kernelSizes: Numbers;
}

/** The layouts as C++ has them, from the addon for tests, which `npm run build:native` makes beside that of the product. */
export function nativeLayouts(): NativeLayouts {
  const file = fileURLToPath(new URL('../../native/build/Release/exprjit_test.node', import.meta.url));
  if (!existsSync(file)) throw new NativeUnavailableError('E_NATIVE_NOT_BUILT', `there is no ${file}`);
  return createRequire(import.meta.url)(file) as NativeLayouts;
}
