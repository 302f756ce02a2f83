import { describeOpcodes } from '../../support/describe-opcodes.ts';
import { NativeModule, nativeLevels } from '../../support/run-native.ts';

describe('machine code of each opcode', () => {
  for (const level of nativeLevels) {
    describe(level, () => {
      const modules: NativeModule[] = [];
      afterEach(() => {
        for (const module of modules.splice(0)) module[Symbol.dispose]();
      });
      describeOpcodes((module) => {
        const native = new NativeModule(module, { target: { level } });
        modules.push(native);
        return native;
      });
    });
  }
});
