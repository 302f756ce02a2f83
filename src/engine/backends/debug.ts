/**
 * A window into the compiler: what `EXPRJIT_DEBUG` names, every compilation of the process prints to standard error.
 *
 * The variable is read once, when this module is loaded. Unless it names something there is no log, and stages that have
 * none to write to do what they always do: they are asked for one reference per compilation, and for nothing in loops.
 * Whatever may go wrong with standard error, compilation goes on.
 */
import { printFunction } from '../../jit/ir/printer.ts';
import type { GenerateKernelOptions } from '../../jit/kernel/generate-kernel.ts';
import type { KernelStage } from '../../jit/kernel/kernel-facts.ts';
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import type { GenerateOptions } from '../../jit/machine/generate.ts';
import { cutText } from '../../support/cut-text.ts';
import { describeValue } from '../../support/describe-value.ts';
import { environmentVariable } from '../../support/environment-variable.ts';
import { hasOwn } from '../../support/own.ts';
import type { IrTrace } from '../front/compile-to-ir.ts';

const debugWords = Object.freeze(['passes', 'select', 'allocate', 'check', 'time'] as const);
type DebugWord = (typeof debugWords)[number];

const unknownWord = 'W_DEBUG_WORD';

/** What to print; undefined: nothing. */
const asked = wordsOf(environmentVariable('EXPRJIT_DEBUG'));

/** The log of one compilation of `source`, of a kernel if `spec` is given; undefined if nothing was asked for. */
export function compileLog(source: string, spec?: KernelSpec): CompileLog | undefined {
  return asked === undefined ? undefined : new CompileLog(titleOf(source, spec), asked);
}

/** Takes what the stages of one compilation tell, and prints what was asked for. */
export class CompileLog {
  /** For `generate` and `generateKernel`. */
  readonly generation: {
    readonly check: boolean;
    readonly dump?: NonNullable<GenerateOptions['dump'] & GenerateKernelOptions['dump']>;
    readonly lap: NonNullable<GenerateOptions['lap']>;
  };
  readonly #title: string;
  readonly #words: ReadonlySet<DebugWord>;
  /** Microseconds by stage, in the order of their first ends. */
  readonly #times = new Map<string, number>();
  #last = performance.now();

  constructor(title: string, words: ReadonlySet<DebugWord>) {
    this.#title = title;
    this.#words = words;
    const { lap } = this;
    const dump = (stage: KernelStage, text: string): void => {
      const word = stage === 'allocation' ? 'allocate' : 'select';
      if (words.has(word)) this.#print(word, `${stage}\n${text.trimEnd()}`);
    };
    const dumps = words.has('select') || words.has('allocate');
    this.generation = { check: words.has('check'), lap, ...(dumps ? { dump } : undefined) };
  }

  /** A stage has ended. What it took counts from the end of the one before it. */
  readonly lap = (stage: string): void => {
    const now = performance.now();
    this.#times.set(stage, (this.#times.get(stage) ?? 0) + (now - this.#last) * 1000);
    this.#last = now;
  };

  /** What the front half is to tell of the optimiser's work; undefined: nothing. */
  get trace(): IrTrace | undefined {
    if (!this.#words.has('passes')) return undefined;
    return (pass, fn, module) => {
      if (fn === undefined) return;
      this.lap('optimise');
      this.#print('passes', `${pass} of ${fn.name}\n${printFunction(fn, module).trimEnd()}`);
    };
  }

  /** The compilation has come to its end. */
  end(): void {
    const hasCode = this.#times.has('emit');
    if (hasCode && this.#words.has('check')) this.#print('check', 'every register allocation is proved');
    if (!this.#words.has('time')) return;
    const times = [...this.#times].map(([stage, time]) => `${stage} ${time.toFixed(0)}`);
    const total = [...this.#times.values()].reduce((sum, time) => sum + time, 0);
    this.#print('time', `${times.join(', ')}; ${total.toFixed(0)} µs`);
  }

  #print(word: DebugWord, text: string): void {
    print(`[exprjit ${word}] ${this.#title}: ${text}`);
    // To print is no stage.
    this.#last = performance.now();
  }
}

function titleOf(source: string, spec: KernelSpec | undefined): string {
  const line = source
    .slice(0, 200)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const title = `'${cutText(line)}'`;
  if (spec === undefined) return title;
  const parameters = spec.parameters.map((each) => (each.kind === 'column' ? each.type : each.kind));
  const outputs = spec.outputs.map((each) => (hasOwn(each, 'type') ? each.type : each.reduce));
  return `${title}, kernel(${parameters.join(', ')}): ${outputs.join(', ')}`;
}

/** The words in `text`, `all` for every one. Undefined for none; those that are unknown are told, in one line. */
function wordsOf(text: string): ReadonlySet<DebugWord> | undefined {
  const words = new Set<DebugWord>();
  const unknown: string[] = [];
  for (const part of text.split(',')) {
    const word = part.trim();
    const known = debugWords.find((each) => each === word);
    if (known !== undefined) words.add(known);
    else if (word === 'all') for (const each of debugWords) words.add(each);
    else if (word !== '') unknown.push(describeValue(word));
  }
  if (unknown.length > 0) {
    const list = cutText(unknown.join(', '), 200);
    print(`warning[${unknownWord}]: EXPRJIT_DEBUG has no ${list}; there are ${debugWords.join(', ')}, all`);
  }
  return words.size === 0 ? undefined : words;
}

/** To standard error, in one piece. The console knows how, in workers too, and minds no reader that went away. */
function print(text: string): void {
  try {
    console.error(text);
  } catch {
    // What cannot be shown is not worth a compilation that fails.
  }
}
