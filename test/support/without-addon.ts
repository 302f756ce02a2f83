/**
 * Where nothing could build the addon, tests that need it are pending and the run says so; mocha loads this before any test.
 * A test, a hook or a suite needs it if it ends in the error that the loader has for an addon that is not there. An addon that
 * is there and does not load fails tests, as any other fault does; and with one that loads, mocha is left as it is.
 */
import { Runnable } from 'mocha';
import { loadAddon } from '../../src/native/loader.ts';

const { error: missing } = loadAddon();
const none = missing?.code === 'E_NATIVE_NOT_BUILT';
if (none) {
  letRunnablesEnd();
  letSuitesEnd();
}

/** Called once, in the process that reports, after mocha's count. */
export function mochaGlobalTeardown(): void {
  if (none) console.log(`  The pending tests need the addon, and there is none: ${missing.message}\n`);
}

function isWantOfAddon(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'E_NATIVE_NOT_BUILT';
}

/** Of tests and hooks, as if they had called `this.skip()`. */
function letRunnablesEnd(): void {
  const { run } = Runnable.prototype;
  Runnable.prototype.run = function (this: Runnable, done) {
    run.call(this, (error) => {
      if (!isWantOfAddon(error)) return done(error);
      this.pending = true;
      done();
    });
  };
}

/** Of suites, while they declare their tests. */
function letSuitesEnd(): void {
  let declare: Mocha.SuiteFunction;
  Object.defineProperty(globalThis, 'describe', {
    get: () => declare,
    // Mocha sets it anew before each file.
    set(original: Mocha.SuiteFunction) {
      declare = new Proxy(original, {
        apply: (_, __, [title, body]: [string, (this: Mocha.Suite) => void]) =>
          original(title, function () {
            try {
              body.call(this);
            } catch (error) {
              if (!isWantOfAddon(error)) throw error;
              it('needs the addon');
            }
          }),
      });
    },
  });
}
