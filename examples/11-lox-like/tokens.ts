export interface Token {
  readonly kind: 'number' | 'name' | 'mark' | 'end';
  readonly text: string;
  readonly line: number;
}

/** `fun name(a, b) { … }`. What is between the braces, and an end, is compiled when it is needed. */
export interface FunctionDeclaration {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: readonly Token[];
}

const keywords = new Set('and else false for fun if or print return true var while'.split(' '));

const pattern =
  /(\s+|\/\/.*)|(\d+(?:\.\d+)?(?:e[-+]?\d+)?)|([a-z_]\w*)|([<>=!]=|[-+*/%<>=!()[\]{},;])|(.)/giy;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const [text, space, number, name, mark] of source.matchAll(pattern)) {
    if (space !== undefined) line += text.split('\n').length - 1;
    else if (number !== undefined) tokens.push({ kind: 'number', text, line });
    else if (name !== undefined) tokens.push({ kind: keywords.has(name) ? 'mark' : 'name', text, line });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text, line });
    else throw new SyntaxError(`line ${line}: what is '${text}'?`);
  }
  return [...tokens, { kind: 'end', text: 'the end', line }];
}

/** Reads tokens one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#position] as Token;
  }

  next(): Token {
    const { token } = this;
    if (token.kind === 'end') throw new SyntaxError(`line ${token.line}: something is missing`);
    this.#position++;
    return token;
  }

  accept(mark: string): boolean {
    const found = this.token.kind === 'mark' && this.token.text === mark;
    if (found) this.#position++;
    return found;
  }

  expect(mark: string): void {
    if (this.accept(mark)) return;
    const { text, line } = this.next();
    throw new SyntaxError(`line ${line}: '${mark}' instead of '${text}'`);
  }

  name(): string {
    const { kind, text, line } = this.next();
    if (kind !== 'name') throw new SyntaxError(`line ${line}: '${text}' is no name`);
    return text;
  }

  /** Items with commas between them, up to a mark. */
  list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.accept(end)) {
      if (items.length > 0) this.expect(',');
      items.push(item());
    }
    return items;
  }
}

/** Takes functions apart from the statements around them, which are `main`. */
export function splitProgram(source: string): { functions: FunctionDeclaration[]; main: Token[] } {
  const reader = new TokenReader(tokenize(source));
  const functions: FunctionDeclaration[] = [];
  const main: Token[] = [];
  while (reader.token.kind !== 'end') {
    if (reader.accept('fun')) functions.push(readFunction(reader));
    else main.push(reader.next());
  }
  return { functions, main: [...main, reader.token] };
}

function readFunction(reader: TokenReader): FunctionDeclaration {
  const name = reader.name();
  reader.expect('(');
  const parameters = reader.list(')', () => reader.name());
  reader.expect('{');
  const body: Token[] = [];
  for (let depth = 1; depth > 0; ) {
    const token = reader.next();
    if (token.kind === 'mark') depth += Number(token.text === '{') - Number(token.text === '}');
    body.push(depth > 0 ? token : { kind: 'end', text: 'the end', line: token.line });
  }
  return { name, parameters, body };
}
