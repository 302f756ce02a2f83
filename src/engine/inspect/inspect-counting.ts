import type { CallCounter } from '../../inspect/code-log.ts';
import type { CallMemory } from '../backends/call-memory.ts';
import type { Executable, ExecutableFunction, Releasable } from '../backends/executable.ts';
import type { LoadedKernel } from '../backends/loaded-kernel.ts';

/** Hears of what becomes of an executable. */
export interface CountListener {
  /** The first call since `seen` of the counter was set to `calls`. */
  called(): void;
  /** One of its functions got a kernel. */
  loaded(kernel: LoadedKernel): void;
  released(): void;
}

/** `executable`, with the calls of its functions counted. */
export function countCalls(
  executable: Executable,
  counter: CallCounter,
  listener: CountListener,
): Executable {
  const functions = executable.functions.map((fn) => new CountedFunction(fn, counter, listener));
  return {
    functions,
    source: executable.source,
    timeout: executable.timeout,
    globals: executable.globals,
    get code() {
      return executable.code;
    },
    get ir() {
      return executable.ir;
    },
    listed: executable.listed && (() => executable.listed?.() ?? { loop: undefined, lines: [] }),
    loadKernel: (spec) => told(executable.loadKernel(spec), listener),
    release: () => {
      executable.release();
      listener.released();
    },
  };
}

function told(kernel: LoadedKernel, listener: CountListener): LoadedKernel {
  listener.loaded(kernel);
  return kernel;
}

class CountedFunction implements ExecutableFunction {
  readonly name: string;
  readonly irName: string;
  readonly parameters: ExecutableFunction['parameters'];
  readonly resultType: ExecutableFunction['resultType'];
  readonly ofRows?: ExecutableFunction['ofRows'] & {};
  readonly #function: ExecutableFunction;
  readonly #counter: CallCounter;
  readonly #listener: CountListener;

  constructor(fn: ExecutableFunction, counter: CallCounter, listener: CountListener) {
    this.name = fn.name;
    this.irName = fn.irName;
    this.parameters = fn.parameters;
    this.resultType = fn.resultType;
    this.#function = fn;
    this.#counter = counter;
    this.#listener = listener;
    const { ofRows } = fn;
    if (ofRows === undefined) return;
    this.ofRows = (edges) => {
      const rows = ofRows(edges);
      return { ...rows, loadKernel: (spec) => told(rows.loadKernel(spec), listener) };
    };
  }

  callable(target: Releasable, memory?: CallMemory): (...args: number[]) => number {
    const evaluate = this.#function.callable(target, memory);
    const counter = this.#counter;
    const listener = this.#listener;
    const counted = (...args: number[]): number => {
      if (counter.calls++ === counter.seen) listener.called();
      return evaluate(...args);
    };
    // Other engines tell by it how many arguments it takes.
    Object.defineProperty(counted, 'length', { value: evaluate.length, configurable: true });
    return counted;
  }
}
