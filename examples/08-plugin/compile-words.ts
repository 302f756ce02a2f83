import { type Assembler, type CodeHolder, type Label, ptr, type Xmm, xmm } from 'exprjit/jit';

/**
 * Compiles a program of a small stack language (Forth, reduced to numbers) to a C function of doubles.
 *
 *     : squared dup * ;   squared swap squared + sqrt
 *
 * How deep the stack is, is known at every word. So it needs no memory: stack cell `n` is register `xmm<n>`, arguments
 * arrive where the calling convention of Linux and macOS puts them, and the result is where it has to be, in `xmm0`.
 */
export function compileWords(source: string, arity: number, assembler: Assembler): void {
  const compiler = new WordCompiler(assembler, arity);
  assembler.bind(assembler.code.newLabel('main'));
  compiler.compile(source.split(/\s+/).filter((word) => word !== ''));
  compiler.finish();
}

/** Most numbers on the stack: the register that is left is for exchanging two others. */
const deepest = 15;
const scratch = registerOf(deepest);

function registerOf(index: number): Xmm {
  const register = xmm[index];
  if (register === undefined) throw new RangeError(`there is no register xmm${index}`);
  return register;
}

/** An `if` whose `then` is still to come. */
interface OpenBranch {
  readonly end: Label;
  /** Where a false condition goes, until `else` or `then` is there. */
  readonly otherwise: Label | undefined;
  /** Depth of the stack before both branches, and after the first. */
  readonly before: number;
  readonly after: number | undefined;
}

class WordCompiler {
  readonly #code: CodeHolder;
  readonly #a: Assembler;
  readonly #builtins: ReadonlyMap<string, () => void> = new Map([
    ['+', () => this.#binary('addsd')],
    ['-', () => this.#binary('subsd')],
    ['*', () => this.#binary('mulsd')],
    ['/', () => this.#binary('divsd')],
    ['sqrt', () => this.#a.sqrtsd(this.#cell(1), this.#cell(1))],
    ['dup', () => this.#push((top) => this.#a.movaps(top, this.#cell(2)))],
    ['over', () => this.#push((top) => this.#a.movaps(top, this.#cell(3)))],
    ['drop', () => this.#drop()],
    ['swap', () => this.#swap()],
    ['if', () => this.#if()],
    ['else', () => this.#else()],
    ['then', () => this.#then()],
  ]);
  readonly #definitions = new Map<string, readonly string[]>();
  readonly #branches: OpenBranch[] = [];
  #depth: number;

  constructor(assembler: Assembler, arity: number) {
    this.#code = assembler.code;
    this.#a = assembler;
    this.#depth = arity;
  }

  compile(words: readonly string[], within: readonly string[] = []): void {
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      if (word === ':') {
        const end = words.indexOf(';', i);
        const [name, ...body] = words.slice(i + 1, end < 0 ? i : end);
        if (name === undefined) throw new SyntaxError("a definition is ': name words… ;'");
        this.#definitions.set(name, body);
        i = end;
      } else {
        this.#word(word, within);
      }
    }
  }

  finish(): void {
    if (this.#branches.length > 0) throw new SyntaxError("an 'if' has no 'then'");
    if (this.#depth !== 1) throw new SyntaxError(`${this.#depth} numbers are left, instead of one`);
    this.#a.ret();
  }

  #word(word: string, within: readonly string[]): void {
    const body = this.#definitions.get(word);
    const emit = this.#builtins.get(word);
    // Definitions are compiled where they are used, so one cannot use itself.
    if (within.includes(word)) throw new SyntaxError(`'${word}' uses itself`);
    if (body !== undefined) this.compile(body, [...within, word]);
    else if (emit !== undefined) emit();
    else this.#number(word);
  }

  #swap(): void {
    this.#a.movaps(scratch, this.#cell(1));
    this.#a.movaps(this.#cell(1), this.#cell(2));
    this.#a.movaps(this.#cell(2), scratch);
  }

  #drop(): void {
    this.#cell(1);
    this.#depth--;
  }

  #number(word: string): void {
    const value = Number(word);
    if (Number.isNaN(value)) throw new SyntaxError(`there is no word '${word}'`);
    this.#push((top) => this.#a.movsd(top, ptr(this.#code.float64(value))));
  }

  /** `condition if words… else words… then`: a condition is false if it is 0. */
  #if(): void {
    const condition = this.#cell(1);
    this.#depth--;
    const otherwise = this.#code.newLabel();
    this.#a.xorps(scratch, scratch);
    this.#a.ucomisd(condition, scratch);
    this.#a.je(otherwise);
    this.#branches.push({
      end: this.#code.newLabel(),
      otherwise,
      before: this.#depth,
      after: undefined,
    });
  }

  #else(): void {
    const branch = this.#branches.pop();
    if (branch?.otherwise === undefined) throw new SyntaxError("an 'else' has no 'if'");
    this.#a.jmp(branch.end);
    this.#a.bind(branch.otherwise);
    this.#branches.push({ ...branch, otherwise: undefined, after: this.#depth });
    this.#depth = branch.before;
  }

  #then(): void {
    const branch = this.#branches.pop();
    if (branch === undefined) throw new SyntaxError("a 'then' has no 'if'");
    if (branch.otherwise !== undefined) this.#a.bind(branch.otherwise);
    this.#a.bind(branch.end);
    if (this.#depth !== (branch.after ?? branch.before)) {
      throw new SyntaxError("both ways of an 'if' must leave the stack equally deep");
    }
  }

  #binary(instruction: 'addsd' | 'subsd' | 'mulsd' | 'divsd'): void {
    this.#a[instruction](this.#cell(2), this.#cell(1));
    this.#depth--;
  }

  #push(emit: (top: Xmm) => void): void {
    if (this.#depth === deepest) throw new RangeError(`the stack is deeper than ${deepest} numbers`);
    this.#depth++;
    emit(this.#cell(1));
  }

  /** The cell `position` below the top, which is 1. */
  #cell(position: number): Xmm {
    if (position > this.#depth) throw new SyntaxError('a word needs more numbers than there are');
    return registerOf(this.#depth - position);
  }
}
