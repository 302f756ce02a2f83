import { type Block, IrBuilder, IrModule, type Opcode, op, type Value } from 'exprjit/ir';

/**
 * Compiles a program of a small stack language (Forth, reduced to numbers) to a function `main` of numbers.
 *
 *     : squared dup * ;   squared swap squared + sqrt
 *
 * How deep the stack is, is known at every word. So there is none when the program runs: its cells are values of the IR, and words that
 * only move them leave no instructions.
 */
export function compileWords(source: string, arity: number): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'main', Array<'f64'>(arity).fill('f64'), 'f64');
  const compiler = new WordCompiler(builder);
  compiler.compile(source.split(/\s+/).filter((word) => word !== ''));
  compiler.finish();
  return module;
}

const { fadd, fsub, fmul, fdiv, fsqrt } = op;
const operations = new Map<string, Opcode>(
  Object.entries({ '+': fadd, '-': fsub, '*': fmul, '/': fdiv, sqrt: fsqrt }),
);

/** Words that only move cells: how many they take, and which of these they give. */
const moves: ReadonlyMap<string, readonly [count: number, given: readonly number[]]> = new Map([
  ['dup', [1, [0, 0]]],
  ['over', [2, [0, 1, 0]]],
  ['drop', [1, []]],
  ['swap', [2, [1, 0]]],
]);

/** An `if` whose `then` is still to come. */
interface OpenBranch {
  /** Where a false condition goes, with the cells that there were before; undefined behind `else`. */
  readonly otherwise: Block | undefined;
  readonly before: readonly Value[];
  /** Where both ways meet. */
  readonly next: Block | undefined;
}

class WordCompiler {
  readonly #b: IrBuilder;
  readonly #definitions = new Map<string, readonly string[]>();
  readonly #branches: OpenBranch[] = [];
  #stack: readonly Value[];

  constructor(builder: IrBuilder) {
    this.#b = builder;
    this.#stack = builder.parameters;
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
    const [result, ...others] = this.#stack;
    if (result === undefined || others.length > 0) {
      throw new SyntaxError(`${this.#stack.length} numbers are left, instead of one`);
    }
    this.#b.return(result);
  }

  #word(word: string, within: readonly string[]): void {
    const body = this.#definitions.get(word);
    const operation = operations.get(word);
    const move = moves.get(word);
    // Definitions are compiled where they are used, so one cannot use itself.
    if (within.includes(word)) throw new SyntaxError(`'${word}' uses itself`);
    if (body !== undefined) this.compile(body, [...within, word]);
    else if (operation !== undefined) {
      this.#push(this.#b.emit(operation, ...this.#take(operation.operands?.length ?? 0)));
    } else if (move !== undefined) {
      const taken = this.#take(move[0]);
      this.#push(...move[1].flatMap((position) => taken[position] ?? []));
    } else if (word === 'if') this.#if();
    else if (word === 'else') this.#else();
    else if (word === 'then') this.#then();
    else if (Number.isNaN(Number(word))) throw new SyntaxError(`there is no word '${word}'`);
    else this.#push(this.#b.number(Number(word)));
  }

  /** `condition if words… else words… then`: a condition is false if it is 0. */
  #if(): void {
    const condition = this.#b.emit(op.fne, ...this.#take(1), this.#b.number(0));
    const [whenTrue, otherwise] = [this.#b.createBlock(), this.#b.createBlock()];
    this.#b.branch(condition, whenTrue, otherwise);
    this.#b.moveTo(whenTrue);
    this.#branches.push({ otherwise, before: this.#stack, next: undefined });
  }

  #else(): void {
    const branch = this.#branches.pop();
    if (branch?.otherwise === undefined) throw new SyntaxError("an 'else' has no 'if'");
    const next = this.#b.createBlock(this.#stack.map(() => 'f64'));
    this.#b.jump(next, ...this.#stack);
    this.#b.moveTo(branch.otherwise);
    this.#stack = branch.before;
    this.#branches.push({ ...branch, otherwise: undefined, next });
  }

  #then(): void {
    if (this.#branches.at(-1)?.otherwise !== undefined) this.#else();
    const next = this.#branches.pop()?.next;
    if (next === undefined) throw new SyntaxError("a 'then' has no 'if'");
    if (next.parameters.length !== this.#stack.length) {
      throw new SyntaxError("both ways of an 'if' must leave the stack equally deep");
    }
    this.#b.jump(next, ...this.#stack);
    this.#b.moveTo(next);
    this.#stack = next.parameters;
  }

  /** The cells on top, the topmost last, which leave the stack. */
  #take(count: number): readonly Value[] {
    const rest = this.#stack.length - count;
    if (rest < 0) throw new SyntaxError('a word needs more numbers than there are');
    const taken = this.#stack.slice(rest);
    this.#stack = this.#stack.slice(0, rest);
    return taken;
  }

  #push(...values: readonly Value[]): void {
    this.#stack = [...this.#stack, ...values];
  }
}
