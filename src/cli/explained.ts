import { type ColumnType, Engine, type Explanation, featureLevels } from '../index.ts';
import { parseChoice } from './arguments.ts';
import { CommandFailure, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatError } from './format.ts';
import { paletteFor } from './style.ts';
import { printWarnings } from './warnings.ts';

/** What the commands that show code are given besides options of their own. */
interface CodeRequest {
  readonly values: { readonly cpu?: string | undefined; readonly 'fast-math'?: boolean | undefined };
  readonly positionals: readonly string[];
  /** Shows a kernel over columns of this type. */
  readonly kernel?: ColumnType;
}

/** Explains the one source that a command is given, and has `show` print it. Warnings go to standard error. */
export function explained(
  name: string,
  { values, positionals, ...kernel }: CodeRequest,
  { stderr, env }: Terminal,
  show: (explanation: Explanation) => void,
): number {
  const [source, surplus] = positionals;
  if (source === undefined) throw new UsageError(`${name} needs a formula`);
  if (surplus !== undefined) throw new UsageError(`${name} takes one formula, but got '${surplus}' as well`);
  const level = parseLevel(values.cpu);
  const palette = paletteFor(stderr, env);
  try {
    using engine = new Engine({ fastMath: values['fast-math'] === true });
    const explanation = engine.explain(source, undefined, { ...level, ...kernel });
    printWarnings(explanation.warnings, stderr, palette);
    show(explanation);
    return ExitCode.Success;
  } catch (error) {
    stderr.write(formatError(error, palette));
    return ExitCode.Failure;
  }
}

/** The value of `--cpu`; `explain` takes any of the levels. */
function parseLevel(text: string | undefined): { cpu?: (typeof featureLevels)[number] } {
  return text === undefined ? {} : { cpu: parseChoice('cpu', text, featureLevels) };
}

/** The machine code of an explanation. */
export function codeOf({ code }: Explanation): NonNullable<Explanation['code']> {
  if (code !== undefined) return code;
  throw new CommandFailure('there is no machine code without the native addon; see `exprjit doctor`');
}
