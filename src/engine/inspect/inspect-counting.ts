import type { CallMemory } from '../backends/call-memory.ts';
import type { Executable, ExecutableFunction, Releasable } from '../backends/executable.ts';

/** How often the functions of an executable were called from JavaScript. */
export interface CallCounter {
  calls: number;
}

/** `executable`, with the calls of its functions counted. */
export function countCalls(executable: Executable, counter: CallCounter): Executable {
  const functions = executable.functions.map((fn) => new CountedFunction(fn, counter));
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
    loadKernel: (spec) => executable.loadKernel(spec),
    release: () => executable.release(),
  };
}

class CountedFunction implements ExecutableFunction {
  readonly name: string;
  readonly irName: string;
  readonly parameters: ExecutableFunction['parameters'];
  readonly resultType: ExecutableFunction['resultType'];
  readonly #function: ExecutableFunction;
  readonly #counter: CallCounter;

  constructor(fn: ExecutableFunction, counter: CallCounter) {
    this.name = fn.name;
    this.irName = fn.irName;
    this.parameters = fn.parameters;
    this.resultType = fn.resultType;
    this.#function = fn;
    this.#counter = counter;
  }

  callable(target: Releasable, memory?: CallMemory): (...args: number[]) => number {
    const evaluate = this.#function.callable(target, memory);
    const counter = this.#counter;
    return (...args) => {
      counter.calls++;
      return evaluate(...args);
    };
  }
}
