/** Whether what an operation gave is right, whatever the caller's code did to it meanwhile. */
import { GuardedArray } from './guarded-array.ts';
import { realLength } from './real-slots.ts';
import { type Formula, type Scene, second } from './reentrancy-scene.ts';

/** Beyond as many ways to put a row together nobody looks for the one that explains it. */
const mostCombinations = 64;

/** Complains about a result, or about what a call that threw has left behind. */
export function checkOutcome(scene: Scene, outcome: { readonly value: unknown } | undefined): void {
  const complain = (text: string | undefined): void => {
    if (text !== undefined) scene.complaints.push(text);
  };
  for (const input of scene.inputs) complain(prefixed('a column:', input.damage() ?? changedContent(input)));
  for (const [name, out] of scene.outs) {
    complain(prefixed(`${name}:`, out.damage()));
    // Threads write to shared memory as they go.
    const mayBeHalf = scene.isAsync && (out.memory === 'shared' || out.memory === 'growable');
    const hasRun = scene.operation === 'map often' || scene.operation === 'bind';
    if (outcome === undefined && !mayBeHalf && !hasRun && !out.isUntouched(0))
      complain(`${name}: written by a call that threw`);
    if (outcome !== undefined && out.attached && !out.isUntouched(scene.rows))
      complain(`${name}: written behind the rows`);
  }
  if (outcome !== undefined) complain(checkValue(scene, outcome.value));
}

function checkValue(scene: Scene, value: unknown): string | undefined {
  const { formula, operation } = scene;
  switch (operation) {
    case 'call':
      return value === formula.evaluate(...(scene.args.map(Number) as number[]))
        ? undefined
        : `gave ${value}`;
    case 'map':
    case 'map often':
    case 'bind':
    case 'mapAsync':
      return checkArray(scene, formula, value, 'the result');
    case 'kernel.map':
    case 'kernel.mapAsync': {
      const { p, q } = value as Record<string, unknown>;
      return checkArray(scene, formula, p, 'output p') ?? checkArray(scene, second, q, 'output q');
    }
    case 'reduce':
    case 'reduceAsync':
      return checkSum(scene, value as number);
    case 'filter':
      return checkFiltered(scene, value as ArrayLike<number>);
    case 'select':
      return value instanceof Uint32Array && value.length <= 2 * scene.rows ? undefined : `gave ${value}`;
    case 'module':
    case 'workspace':
      return value === 5 ? undefined : `gave ${value} instead of 5`;
    default:
      return undefined;
  }
}

function checkArray(scene: Scene, formula: Formula, value: unknown, what: string): string | undefined {
  if (!ArrayBuffer.isView(value)) return `${what} is no array`;
  const result = value as Float64Array;
  const length = realLength(result);
  const out = [...scene.outs.values()].find(({ array }) => array === value);
  // Taken away after it was written: nobody can tell any more.
  if (out !== undefined && (!out.attached || out.resized)) return undefined;
  if (out === undefined && length !== scene.rows && !isResized(scene)) {
    return `${what} has ${length} elements, and there are ${scene.rows} rows`;
  }
  const rows = Math.min(length, scene.rows);
  const certain = certainValues(scene, formula);
  for (let row = 0; row < rows; row++) {
    const value = result[row] as number;
    if (certain?.(row) !== value && !isPossible(scene, formula, row, value))
      return `${what} is ${result[row]} at row ${row}`;
  }
  return undefined;
}

/** The values of the rows, where no column has changed; to ask for what is possible takes far longer. */
function certainValues(scene: Scene, formula: Formula): ((row: number) => number) | undefined {
  const readers = formula.parameters.map((name): ((row: number) => number) | undefined => {
    const given = scene.given.get(name);
    if (given instanceof GuardedArray) return given.contents.length === 1 ? given.contents[0] : undefined;
    return typeof given === 'object' ? (row) => given[row] as number : () => given as number;
  });
  const [x, y] = readers;
  if (readers.length === 1 && x !== undefined) return (row) => formula.evaluate(x(row));
  if (readers.length === 2 && x !== undefined && y !== undefined)
    return (row) => formula.evaluate(x(row), y(row));
  return undefined;
}

/** Whether the formula has that value for what the columns have held at the row, at any time. */
function isPossible(scene: Scene, formula: Formula, row: number, value: number): boolean {
  const choices = formula.parameters.map((name) => valuesAt(scene, name, row));
  if (choices.reduce((product, { length }) => product * length, 1) > mostCombinations) return true;
  return hasCombination(formula, choices, [], value);
}

function hasCombination(
  formula: Formula,
  choices: readonly (readonly number[])[],
  chosen: number[],
  value: number,
): boolean {
  const next = choices[chosen.length];
  if (next === undefined) return formula.evaluate(...chosen) === value;
  return next.some((choice) => hasCombination(formula, choices, [...chosen, choice], value));
}

function valuesAt(scene: Scene, name: string, row: number): readonly number[] {
  const given = scene.given.get(name);
  if (given instanceof GuardedArray) return given.valuesAt(row);
  return typeof given === 'object' ? [given[row] as number] : [given as number];
}

function checkSum(scene: Scene, value: number): string | undefined {
  if (isResized(scene) || scene.inputs.some(({ contents }) => contents.length > 1)) {
    return Number.isInteger(value) ? undefined : `gave ${value}`;
  }
  let sum = 0;
  for (let row = 0; row < scene.rows; row++) {
    sum += scene.formula.evaluate(
      ...scene.formula.parameters.map((name) => valuesAt(scene, name, row)[0] as number),
    );
  }
  return value === sum ? undefined : `gave ${value} instead of ${sum}`;
}

/** The elements must be those of the column, in its order, where the formula is true. */
function checkFiltered(scene: Scene, value: ArrayLike<number>): string | undefined {
  if (isResized(scene)) return undefined;
  const { formula, rows } = scene;
  let next = 0;
  for (let row = 0; row < rows; row++) {
    const own = valuesAt(scene, scene.filtered, row);
    if (next < value.length && own.includes(value[next] as number) && !isPossible(scene, formula, row, 0))
      next++;
    else if (!isPossible(scene, formula, row, 0))
      return `the filtered column is ${value[next]} at row ${row}`;
    else if (own.length > 1) return undefined;
  }
  return next === value.length ? undefined : `filtered ${value.length} rows instead of ${next}`;
}

function isResized(scene: Scene): boolean {
  return scene.inputs.some(({ resized }) => resized);
}

/** Columns are read only. */
function changedContent(input: GuardedArray): string | undefined {
  if (!input.attached || input.resized) return undefined;
  for (let row = 0; row < input.length; row++) {
    const value = input.array[row] as number;
    if (input.contents[0]?.(row) !== value && !input.valuesAt(row).includes(value))
      return `holds ${value} at row ${row}, which nobody put there`;
  }
  return undefined;
}

function prefixed(prefix: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${prefix} ${text}`;
}
