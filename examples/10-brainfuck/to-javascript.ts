import type { Step } from './steps.ts';

/** What a translated program is called with; `read` gives a byte, or -1 at the end. */
export type TranslatedProgram = (tape: Uint8Array, write: (byte: number) => void, read: () => number) => void;

/** The same steps in JavaScript, for V8 to compile: what Brainfuck compilers without a back end of their own do. No fuel; outside of the tape is nothing. */
export function toJavaScript(steps: readonly Step[]): TranslatedProgram {
  const body = `let p = 0;\n${steps.map(statement).join('\n')}`;
  return new Function('t', 'write', 'read', body) as TranslatedProgram;
}

function statement(step: Step): string {
  switch (step.kind) {
    case 'add':
      return `${cell(step.at)} += ${step.value};`;
    case 'set':
      return `${cell(step.at)} = ${step.value};`;
    case 'write':
      return `write(${cell(step.at)});`;
    case 'read':
      return `{ const c = read(); ${cell(step.at)} = c < 0 ? 0 : c; }`;
    case 'move':
      return `p += ${step.by};`;
    case 'spread': {
      const additions = step.targets.map(({ at, factor }) => `${cell(at)} += c * ${factor};`);
      return `{ const c = ${cell(step.at)}; ${additions.join(' ')} ${cell(step.at)} = 0; }`;
    }
    case 'loop':
      return `while (${cell(step.at)} !== 0) {\n${step.body.map(statement).join('\n')}\n}`;
  }
}

function cell(at: number): string {
  return at === 0 ? 't[p]' : `t[p + ${at}]`;
}
