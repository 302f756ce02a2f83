/**
 * The grammar, in chevrotain's notation with embedded actions.
 *
 * Problem: a grammar with one rule per level of precedence costs ten rule invocations for every operand, in time
 * and in stack, and a tree of binary nodes grows as deep as a sum is long.
 *
 * Strategy: operands and operators are read in one flat loop, and {@link TreeBuilder} applies precedence. So the
 * parser recurses only where the source has brackets or branches, and no deeper than `limits.nesting`.
 *
 * Invariant: `expression`, and each alternative of `operand`, leaves exactly one operand with the builder.
 */
import {
  createTokenInstance,
  EarlyExitException,
  EmbeddedActionsParser,
  EOF,
  type IToken,
  MismatchedTokenException,
  NotAllInputParsedException,
  NoViableAltException,
  type TokenType,
} from 'chevrotain';
import type { Definition, Expression, FunctionDefinition, Identifier, LetBinding, Program } from './ast.ts';
import type { SourceLimits } from './limits.ts';
import { type Lookahead, lookaheads } from './lookahead.ts';
import { plainReading, type Reading } from './reading.ts';
import type { SourceText } from './source-text.ts';
import {
  And,
  Bang,
  Colon,
  Comma,
  ComparisonOperator,
  Else,
  Equals,
  endOf,
  If,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Let,
  Name,
  Not,
  NumberToken,
  Or,
  Postfix,
  PowerOperator,
  ProductOperator,
  Question,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Separator,
  Sign,
  Then,
  vocabulary,
} from './tokens.ts';
import { TreeBuilder } from './tree-builder.ts';

const end = createTokenInstance(
  EOF,
  '',
  Number.NaN,
  Number.NaN,
  Number.NaN,
  Number.NaN,
  Number.NaN,
  Number.NaN,
);

// They assign their names, which a frozen `Error.prototype` forbids unless something nearer says otherwise.
for (const { name, prototype } of [
  EarlyExitException,
  MismatchedTokenException,
  NotAllInputParsedException,
  NoViableAltException,
]) {
  const descriptor = { __proto__: null, value: name, writable: true, configurable: true };
  Object.defineProperty(prototype, 'name', descriptor);
}

const always = () => true;
/** For what this grammar has no use of. */
const never = () => '';

/** What chevrotain keeps to itself. */
interface Internals {
  readonly fullRuleNameToShort: Readonly<Record<string, number>>;
  selfAnalysisDone: boolean;
  setLaFuncCache(key: number, lookahead: Lookahead): void;
  getCurrRuleFullName(): string;
  SAVE_ERROR(error: Error): Error;
}

interface StatementAlternative {
  readonly ALT: () => Definition | undefined;
  readonly GATE: () => boolean;
  readonly IGNORE_AMBIGUITIES: boolean;
}

export class Grammar extends EmbeddedActionsParser {
  readonly #tree = new TreeBuilder();
  #mayDefine = false;
  // Alternatives, made once instead of at every visit of their rule.
  #statements: StatementAlternative[] | undefined;
  #binaryOperators: { ALT: () => IToken }[] | undefined;
  #prefixOperators: { ALT: () => IToken }[] | undefined;
  #atoms: { ALT: () => void }[] | undefined;

  /** With `analyse` chevrotain finds out by itself how to decide, and whether the grammar is sound: for tests, as it takes long. */
  constructor({ analyse }: { analyse: boolean }) {
    super([...vocabulary], {
      maxLookahead: 1,
      recoveryEnabled: false,
      skipValidations: !analyse,
      // The messages for people are made in syntax-error.ts; this tells it what was expected.
      errorMessageProvider: {
        buildMismatchTokenMessage: ({ expected, ruleName }: { expected: TokenType; ruleName: string }) =>
          expected === RightParenthesis ? `${ruleName} ${expected.name}` : expected.name,
        buildNotAllInputParsedMessage: () => 'end',
        buildNoViableAltMessage: never,
        buildEarlyExitMessage: never,
      },
    });
    if (analyse) this.performSelfAnalysis();
    else this.#decideAsWritten();
  }

  /** In the place of `performSelfAnalysis`. */
  #decideAsWritten(): void {
    const internals = this as unknown as Internals;
    for (const [key, lookahead] of lookaheads(internals.fullRuleNameToShort)) {
      internals.setLaFuncCache(key, lookahead);
    }
    internals.selfAnalysisDone = true;
  }

  /** Chevrotain's own would say what was expected, which it knows only from an analysis. */
  raiseNoAltException(): never {
    const internals = this as unknown as Internals;
    const rule = internals.getCurrRuleFullName();
    throw internals.SAVE_ERROR(new NoViableAltException(rule, this.LA(1), this.LA(0)));
  }

  /** The tree of all tokens; undefined if one did not fit, which `errors` then tells. */
  parse(
    source: SourceText,
    tokens: IToken[],
    limits: SourceLimits,
    reading: Reading = plainReading,
  ): Program | undefined {
    // Chevrotain's own token for the end has the number that `tokens.ts` takes away from its type.
    tokens.push(end);
    try {
      this.input = tokens;
      this.#mayDefine = source.text.includes('=');
      this.#tree.start(source, limits, reading);
      const program = this.program();
      return this.LA(1).tokenType === EOF ? program : undefined;
    } finally {
      tokens.pop();
    }
  }

  /** Lets go of the source and what was made of it. */
  finish(): void {
    this.input = [];
    this.#tree.finish();
  }

  /** program = [ statement { separator statement } ] */
  readonly program = this.RULE('program', (): Program => {
    const tree = this.#tree;
    const definitions: Definition[] = [];
    let result: Expression | undefined;
    this.MANY_SEP({
      SEP: Separator,
      DEF: () => {
        if (result !== undefined) this.#refuseEarlyExpression(result);
        const definition = this.SUBRULE(this.statement);
        if (definition === undefined) result = tree.pop().node;
        else definitions.push(definition);
      },
    });
    tree.checkNodes();
    const { source } = tree;
    return { kind: 'program', source, definitions, result, start: 0, end: source.text.length };
  });

  /** statement = functionDefinition | letBinding | expression */
  readonly statement = this.RULE('statement', (): Definition | undefined => {
    this.#statements ??= [
      {
        // A definition starts like a call; what follows the brackets tells them apart.
        GATE: () => this.#mayDefine && this.#isDefinitionAhead(),
        ALT: () => this.SUBRULE(this.functionDefinition),
        IGNORE_AMBIGUITIES: true,
      },
      { GATE: always, ALT: () => this.SUBRULE(this.letBinding), IGNORE_AMBIGUITIES: false },
      {
        GATE: always,
        ALT: () => {
          this.SUBRULE(this.expression);
          return undefined;
        },
        IGNORE_AMBIGUITIES: false,
      },
    ];
    return this.OR(this.#statements);
  });

  /** functionDefinition = name "(" [ name { "," name } ] ")" "=" expression */
  readonly functionDefinition = this.RULE('functionDefinition', (): FunctionDefinition => {
    const target = this.#tree.identifier(this.CONSUME(Name), 'functions');
    const parameters: Identifier[] = [];
    this.CONSUME(LeftParenthesis);
    this.MANY_SEP({
      SEP: Comma,
      DEF: () => parameters.push(this.#tree.identifier(this.CONSUME1(Name))),
    });
    this.CONSUME(RightParenthesis);
    this.CONSUME(Equals);
    this.SUBRULE(this.expression);
    this.#tree.checkParameters(target, parameters.length);
    const { node, end } = this.#tree.pop();
    return { kind: 'function', target, parameters, body: node, start: target.start, end };
  });

  /** letBinding = "let" name "=" expression */
  readonly letBinding = this.RULE('letBinding', (): LetBinding => {
    const { startOffset } = this.CONSUME(Let);
    const target = this.#tree.identifier(this.CONSUME(Name));
    this.CONSUME(Equals);
    this.SUBRULE(this.expression);
    return this.#tree.binding(startOffset, target);
  });

  /** expression = operand { binaryOperator operand | postfixOperator } [ "?" expression ":" expression ] */
  readonly expression = this.RULE('expression', (): void => {
    const tree = this.#tree;
    const outer = tree.enter(this.LA(1));
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.#binaryOperators ??= [
        { ALT: () => this.CONSUME(Sign) },
        { ALT: () => this.CONSUME(ProductOperator) },
        { ALT: () => this.CONSUME(PowerOperator) },
        { ALT: () => this.CONSUME(ComparisonOperator) },
        { ALT: () => this.CONSUME(And) },
        { ALT: () => this.CONSUME(Or) },
        { ALT: () => this.CONSUME(Postfix) },
      ];
      if (tree.binary(this.OR(this.#binaryOperators))) this.SUBRULE1(this.operand);
    });
    tree.complete();
    this.OPTION(() => {
      this.CONSUME(Question);
      this.SUBRULE(this.expression);
      this.CONSUME(Colon);
      this.SUBRULE1(this.expression);
      tree.conditional();
    });
    tree.leave(outer);
  });

  /**
   * operand = { "-" | "+" | "!" | "not" } atom
   * atom = number | name | name "(" arguments ")" | name "[" expression "]" | "(" expression ")" | block | ifThenElse
   *
   * `ifThenElse` takes all that follows it; it is refused where something of the same expression precedes it.
   */
  readonly operand = this.RULE('operand', (): void => {
    const tree = this.#tree;
    this.MANY(() => {
      this.#prefixOperators ??= [
        { ALT: () => this.CONSUME(Sign) },
        { ALT: () => this.CONSUME(Bang) },
        { ALT: () => this.CONSUME(Not) },
      ];
      tree.prefix(this.OR(this.#prefixOperators));
    });
    this.#atoms ??= [
      { ALT: () => tree.number(this.CONSUME(NumberToken)) },
      {
        ALT: () => {
          const name = this.CONSUME(Name);
          const isCall = this.OPTION(() => this.#argumentsOf(name)) !== undefined;
          const isElement = this.OPTION1({ GATE: () => !isCall, DEF: () => this.#indexOf(name) });
          if (!isCall && isElement === undefined) tree.name(name);
        },
      },
      {
        ALT: () => {
          const opening = this.CONSUME1(LeftParenthesis);
          this.SUBRULE1(this.expression);
          tree.bracketed(opening, this.CONSUME1(RightParenthesis));
        },
      },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.ifThenElse) },
    ];
    this.OR1(this.#atoms);
  });

  /** block = "{" { letBinding separator } expression "}" */
  readonly block = this.RULE('block', (): void => {
    const opening = this.CONSUME(LeftBrace);
    const outer = this.#tree.enterBlock();
    const bindings: LetBinding[] = [];
    this.MANY(() => {
      bindings.push(this.SUBRULE(this.letBinding));
      this.CONSUME(Separator);
    });
    this.SUBRULE(this.expression);
    this.#tree.block(opening, bindings, this.CONSUME(RightBrace), outer);
  });

  /** ifThenElse = "if" expression "then" expression "else" expression */
  readonly ifThenElse = this.RULE('ifThenElse', (): void => {
    const tree = this.#tree;
    const opening = this.CONSUME(If);
    if (!tree.isAtStart) {
      const span = { start: opening.startOffset, end: endOf(opening) };
      tree.fail(
        'E_MISPLACED_IF',
        span,
        '`if` cannot stand here',
        'put the whole `if … then … else …` in brackets',
      );
    }
    this.SUBRULE(this.expression);
    this.CONSUME(Then);
    this.SUBRULE1(this.expression);
    this.CONSUME(Else);
    this.SUBRULE2(this.expression);
    tree.conditional(opening.startOffset);
  });

  /** arguments = [ expression { "," expression } ], with the brackets. */
  #argumentsOf(callee: IToken): true {
    let count = 0;
    this.CONSUME(LeftParenthesis);
    this.MANY_SEP({
      SEP: Comma,
      DEF: () => {
        this.SUBRULE(this.expression);
        count++;
      },
    });
    this.#tree.call(callee, count, this.CONSUME(RightParenthesis));
    return true;
  }

  /** The row of an element, with its brackets. */
  #indexOf(column: IToken): true {
    this.CONSUME(LeftBracket);
    this.SUBRULE2(this.expression);
    this.#tree.element(column, this.CONSUME(RightBracket));
    return true;
  }

  /** Whether `name ( … ) =` comes next. */
  #isDefinitionAhead(): boolean {
    if (this.LA(1).tokenType !== Name || this.LA(2).tokenType !== LeftParenthesis) return false;
    for (let depth = 1, ahead = 3; ; ahead++) {
      const { tokenType } = this.LA(ahead);
      if (tokenType === LeftParenthesis) depth++;
      else if (tokenType === RightParenthesis) depth--;
      else if (tokenType === Separator || tokenType === EOF) return false;
      if (depth === 0) return this.LA(ahead + 1).tokenType === Equals;
    }
  }

  #refuseEarlyExpression(expression: Expression): never {
    return this.#tree.fail(
      'E_EXPRESSION_NOT_LAST',
      expression,
      'only the last statement can be an expression',
      'give it a name with `let`; an operator at the end of a line continues it',
    );
  }
}
