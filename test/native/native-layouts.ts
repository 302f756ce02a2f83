import { createRequire } from 'node:module';

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
  return createRequire(import.meta.url)('../../native/build/Release/exprjit_test.node') as NativeLayouts;
}
