/** What the inspector shows of one function: lines of IR and machine code that know what they are for. */
import type { CodeForm, CodeLine } from '../../inspect/snapshot.ts';
import type { IrModule } from '../../jit/ir/function.ts';
import { printModule } from '../../jit/ir/printer.ts';
import { valueName } from '../../jit/machine/value-origins.ts';
import type { Program, Span } from '../../lang/ast.ts';
import type { Environment } from '../../lang/environment.ts';
import { SourceSpans } from '../../lang/source-spans.ts';
import type { CodePiece, Executable, ListedCode } from '../backends/executable.ts';
import { compileToIr, type IrOptions, type Root } from '../front/compile-to-ir.ts';
import { plannedFunctions } from '../front/row-plan.ts';
import { PassOrigins } from './pass-origins.ts';

/** What an executable was compiled of, as far as that is known. */
export interface CompiledFrom {
  readonly source: string | Program;
  readonly environment: Environment;
  readonly options: IrOptions;
}

/** A function of numbers, if it is one, and kernels of it; `from` is what it was compiled of, if that is known. */
export function explainForms(
  executable: Executable | undefined,
  kernels: readonly CodePiece[],
  from: CompiledFrom | undefined,
): CodeForm[] {
  const ir = executable === undefined ? '' : printModule(executable.ir);
  const spans = executable === undefined || from === undefined ? undefined : spansOf(ir, executable, from);
  const forms = executable === undefined ? [] : [form('function', ir, executable.listed?.(), spans)];
  for (const { kernel } of kernels) {
    if (kernel === undefined) continue;
    const listed = kernel.listed();
    // A loop that has not taken the function in calls it.
    const loop = listed.loop ?? '';
    const text = /\bcall\b/.test(loop) ? `${loop}\n${ir}` : loop;
    forms.push(form(`kernel ${kernel.signature}`, text, listed, spans));
  }
  return forms;
}

type SpansByName = ReadonlyMap<string, readonly [start: number, end: number]>;

function form(
  label: string,
  ir: string,
  listed: ListedCode | undefined,
  spans: SpansByName | undefined,
): CodeForm {
  const line = (text: string, value: string | undefined): CodeLine => ({
    text,
    value: value ?? null,
    span: (value === undefined ? undefined : spans?.get(value)) ?? null,
  });
  return {
    label,
    ir: namedLines(ir).map(({ text, value }) => line(text, value)),
    code: withConstants(listed?.lines ?? []).map(({ text, value }) => line(text, value)),
  };
}

/** Says behind instructions that take a constant from memory what that is. */
function withConstants(lines: ListedCode['lines']): ListedCode['lines'] {
  const constants = new Map<string, string>();
  lines.forEach(({ text }, index) => {
    const [, label] = /^(L\d+):$/.exec(text) ?? [];
    const [, bits, value] = / {2}d[qd] (\S+)(?: {2}; (\S+))?$/.exec(lines[index + 1]?.text ?? '') ?? [];
    if (label !== undefined && bits !== undefined) constants.set(label, value ?? bits);
  });
  return lines.map(({ text, value }) => {
    const [, label = ''] = /\[rip\+(L\d+)\b/.exec(text) ?? [];
    const constant = constants.get(label);
    return constant === undefined ? { text, value } : { text: `${text}  ; ${constant}`, value };
  });
}

/** Lines of printed IR, with the name of the value that each defines or branches on. */
function namedLines(ir: string): { text: string; value: string | undefined }[] {
  let fn = '';
  return ir
    .trimEnd()
    .split('\n')
    .map((text) => {
      const [, name] = /^function (\S+|"(?:[^"\\]|\\.)*")\(/.exec(text) ?? [];
      if (name !== undefined) fn = name.startsWith('"') ? (JSON.parse(name) as string) : name;
      const [, id] = /^ {2}(?:v(?=\d+\b.* = )|branch v)(\d+)/.exec(text) ?? [];
      return { text, value: id === undefined ? undefined : valueName(fn, Number(id)) };
    });
}

/**
 * Where values come from, by compiling once more and watching. Nothing if that gives other IR, as where definitions have changed since:
 * then nobody knows.
 */
function spansOf(ir: string, executable: Executable, from: CompiledFrom): SpansByName | undefined {
  const roots: Root[] = executable.functions.map(({ irName }) => ({ irName }));
  const spans = new SourceSpans();
  const origins = new PassOrigins(spans.values);
  let again: IrModule;
  try {
    again = compileToIr(
      from.source,
      from.environment,
      from.options,
      (checked) => [...roots, ...plannedFunctions(checked)],
      (_pass, fn, module) => {
        for (const each of fn === undefined ? module.functions : [fn]) origins.look(each);
      },
      undefined,
      spans,
    ).ir;
  } catch {
    // It is the source of an earlier environment.
    return undefined;
  }
  if (printModule(again) !== ir) return undefined;
  return new Map(
    again.functions.flatMap(({ name, blocks }) =>
      blocks
        .flatMap(({ instructions }) => instructions)
        .flatMap((value): [string, readonly [number, number]][] => {
          const span: Span | undefined = spans.values.get(value);
          return span === undefined ? [] : [[valueName(name, value.id), [span.start, span.end]]];
        }),
    ),
  );
}
