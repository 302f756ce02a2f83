/** The partial derivatives of a compiled function as outputs of one kernel, made of the function's own IR. */
import { reachableFrom } from '../jit/ir/call-graph.ts';
import { copyFunction } from '../jit/ir/copy-function.ts';
import { IrModule } from '../jit/ir/function.ts';
import { optimize } from '../jit/opt/optimize.ts';
import { SourceText } from '../lang/source-text.ts';
import { maxKernelOutputs } from '../native/kernel-request.ts';
import { cutText } from '../support/cut-text.ts';
import { elementAt } from '../support/element.ts';
import { knownNames } from '../support/options.ts';
import { compileLog } from './backends/debug.ts';
import type { Executable, ExecutableFunction } from './backends/executable.ts';
import type { FormulaNulls } from './columns/null-kernels.ts';
import { addPartials } from './front/lower-program.ts';
import type { CheckedKernel } from './kernel-program.ts';
import { type CompileContext, hostImplementations, irOptions, tooLarge } from './pipeline.ts';

/** The output that is the function itself. */
const valueName = 'value';

/**
 * The function and its derivatives by the parameters named in `given`, by all if there are none.
 *
 * @param nulls Where the null-aware forms of the function come from, if it has any.
 * @throws TypeError for a name that is no parameter's; RangeError for more than a kernel gives; CompileError where there is no derivative.
 */
export function gradientProgram(
  { ir, source }: Executable,
  { irName, parameters, ofRows }: ExecutableFunction,
  given: readonly string[] | undefined,
  nulls: FormulaNulls | undefined,
  context: CompileContext,
): CheckedKernel {
  if (ofRows !== undefined) throw new TypeError('a formula that looks at other rows has no gradient');
  const names = given ?? parameters;
  const places = placesOf(names, parameters);
  const place = { source: new SourceText(source), start: 0, end: source.length };
  const log = compileLog(source);
  const module = copyOf(ir, irName);
  const partials = addPartials(module, irName, places, place);
  log?.lap('differentiate');
  const trace =
    log?.trace && ((pass: string, fn: IrModule['functions'][number]) => log.trace?.(pass, fn, module));
  optimize(module, { ...irOptions(context), roots: [irName, ...partials], ...(trace && { trace }) });
  log?.lap('optimise');
  log?.end();
  const outputs = names.map((name, index) => ({ name, function: elementAt(partials, index) }));
  return {
    parameters,
    outputs: [{ name: valueName, function: irName }, ...outputs],
    module: { source, ir: module, hosts: hostImplementations(module, context), tooLarge: tooLarge(place) },
    ofRows: undefined,
    nulls: nulls?.gradient(names.map((name, index) => ({ name, place: elementAt(places, index) }))),
  };
}

function placesOf(names: readonly string[], parameters: readonly string[]): number[] {
  if (names.length >= maxKernelOutputs) {
    const most = maxKernelOutputs - 1;
    throw new RangeError(`a kernel gives at most ${most} derivatives, not ${names.length}; name some`);
  }
  const places: number[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = elementAt(names, index);
    const place = parameters.indexOf(name);
    if (place < 0) {
      throw new TypeError(
        `names[${index}]: no parameter is called '${cutText(name)}'; ${knownNames(name, parameters)}`,
      );
    }
    if (places.includes(place)) throw new TypeError(`names[${index}] repeats '${cutText(name)}'`);
    if (name === valueName) {
      throw new TypeError(
        `a derivative by '${valueName}' has the name of the function's own output; call the parameter otherwise`,
      );
    }
    places.push(place);
  }
  return places;
}

/** The function with what it calls, for changes that are not to be seen elsewhere. */
function copyOf(ir: IrModule, irName: string): IrModule {
  const copy = new IrModule();
  for (const host of ir.hosts) copy.hosts.push(host);
  for (const fn of reachableFrom(ir, [irName])) copy.functions.push(copyFunction(fn, fn.name));
  return copy;
}
