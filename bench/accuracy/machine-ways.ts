/** The math library as machine code: called, and over columns, at each feature level of this CPU. */
import { Engine } from '../../src/engine/engine.ts';
import { levelsOf } from '../../src/jit/machine/feature-level.ts';
import { mathFunctions } from '../../src/jit/math/library.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { elementAt } from '../../src/support/element.ts';
import type { Way } from './ways.ts';

const parameters = ['x', 'y'];

/** Of a function and its arguments the source. */
function callOf(name: string): string | undefined {
  const fn = mathFunctions.get(name);
  return fn && `${name}(${parameters.slice(0, fn.arity).join(', ')})`;
}

export const machineWays: readonly Way[] = levelsOf(requireAddon().cpuInfo().features).flatMap((cpu) => {
  const engine = new Engine({ cpu, backend: 'native' });
  return [
    {
      name: `${cpu} calls`,
      evaluate: (name, xs, ys) => {
        const source = callOf(name);
        if (source === undefined) return undefined;
        using call = engine.compile(source, parameters);
        return xs.map((x, i) => Number(call(x, elementAt(ys, i))));
      },
    },
    {
      name: `${cpu} lanes`,
      evaluate: (name, xs, ys) => {
        const source = callOf(name);
        if (source === undefined) return undefined;
        using call = engine.compile(source, parameters);
        return Float64Array.from(call.map({ x: xs, y: ys }));
      },
    },
  ] satisfies Way[];
});

/** At how many points two results differ in a bit; one NaN is as good as another. */
export function differences(some: Float64Array, others: Float64Array): number {
  let count = 0;
  for (let i = 0; i < some.length; i++) if (!Object.is(some[i], others[i])) count++;
  return count;
}
