/**
 * The head of a case file, which an author writes; all that follows is written by `BLESS=1`.
 *
 *     # what the case is there to show
 *     level: avx2
 *     parameters: x f64, n uniform      elements of columns, or values that are the same for all rows
 *     output: f64                       of a kernel; without it only the function is shown
 *     function: f                       the one of several to show; the formula's own if left out
 *     host: noise                       a function of the host that takes a number; optional
 *     language: ir                      if the source is IR, in which the function is called `main`; optional
 *     shows: whole                      also what surrounds each function and kernel, which is much the same everywhere; optional
 *
 *     x * n + 1
 *
 *     == optimised IR ==
 */
import {
  columnTypes,
  type KernelOutput,
  type KernelParameter,
  type ReductionKind,
} from '../../../src/jit/kernel/kernel-spec.ts';
import { reductions } from '../../../src/jit/kernel/reductions.ts';
import { type FeatureLevel, featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { mainName } from '../../../src/lang/lower.ts';

export interface Case {
  /** As it stands in the file. */
  readonly head: string;
  readonly level: FeatureLevel;
  readonly parameters: readonly { readonly name: string; readonly kind: KernelParameter }[];
  readonly output: KernelOutput | undefined;
  /** Name of the function that is shown, in the IR. */
  readonly root: string;
  readonly host: string | undefined;
  readonly isWhole: boolean;
  /** Is the source IR? */
  readonly isIr: boolean;
  readonly source: string;
}

const keys = ['level', 'parameters', 'output', 'function', 'host', 'language', 'shows'];

/** @throws Error if the head says what nobody understands. */
export function parseCase(file: string): Case {
  const head = (file.split('\n== ')[0] ?? '').trimEnd();
  const [settings = '', ...source] = head.split('\n\n');
  const values = new Map<string, string>();
  for (const line of settings.split('\n')) {
    if (line.startsWith('#')) continue;
    const [key = '', value = ''] = line.split(': ');
    if (!keys.includes(key) || value === '') throw new Error(`'${line}' is none of ${keys.join(', ')}`);
    values.set(key, value);
  }
  const shows = values.get('shows') ?? 'whole';
  if (shows !== 'whole') throw new Error(`a case shows 'whole', not '${shows}'`);
  const language = values.get('language') ?? 'ir';
  if (language !== 'ir') throw new Error(`a case is a formula or 'ir', not '${language}'`);
  const output = values.get('output');
  const root = values.get('function') ?? mainName;
  return {
    head,
    level: oneOf(featureLevels, values.get('level')),
    parameters: (values.get('parameters') ?? '').split(', ').map(parseParameter),
    output: output === undefined ? undefined : parseOutput(output, root),
    root,
    host: values.get('host'),
    isWhole: values.has('shows'),
    isIr: values.has('language'),
    source: source.join('\n\n'),
  };
}

function parseParameter(text: string): Case['parameters'][number] {
  const [name = '', kind] = text.split(' ');
  if (kind === 'uniform') return { name, kind: { kind } };
  return { name, kind: { kind: 'column', type: oneOf(columnTypes, kind) } };
}

function parseOutput(text: string, root: string): KernelOutput {
  if (text === 'exact' || Object.hasOwn(reductions, text))
    return { function: root, reduce: text as ReductionKind };
  return { function: root, type: oneOf([...columnTypes, 'u8c', 'mask'] as const, text) };
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T {
  const value = values.find((each) => each === text);
  if (value === undefined) throw new Error(`'${text}' is none of ${values.join(', ')}`);
  return value;
}
