import { describeOpcodes } from '../../support/describe-opcodes.ts';
import { NativeModule, nativeLevels } from '../../support/run-native.ts';

// Under changed prototypes, which make all slow, one level is enough: they share nearly all that could read them.
const levels = process.env['EXPRJIT_PROTOTYPES'] === undefined ? nativeLevels : nativeLevels.slice(-1);

describe('machine code of each opcode', () => {
  for (const level of levels) {
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
