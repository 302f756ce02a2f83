import { describeIntegers } from '../../support/describe-integers.ts';
import { NativeModule, nativeLevels } from '../../support/run-native.ts';

describe('machine code of integers', () => {
  // Their code has general registers only, where levels do not differ.
  const level = nativeLevels.at(-1) ?? 'sse2';
  const modules: NativeModule[] = [];
  afterEach(() => {
    for (const module of modules.splice(0)) module[Symbol.dispose]();
  });
  describeIntegers((module) => {
    const native = new NativeModule(module, { target: { level } });
    modules.push(native);
    return native;
  });
});
