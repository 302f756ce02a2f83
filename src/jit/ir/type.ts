/**
 * Types of IR values: a number, a truth value or a 64-bit integer, alone or as *lanes*, several side by side in one register.
 *
 *     f64    bool     i64
 *     f64x4  maskx4   i64x4
 *
 * An operation on lanes is the scalar one in each lane.
 */

export type ScalarType = 'f64' | 'bool' | 'i64';

/** How many values a lane type holds. */
export type LaneCount = 2 | 4 | 8;

export type LaneType = `${'f64' | 'mask' | 'i64'}x${LaneCount}`;

/** Of a value. */
export type Type = ScalarType | LaneType;

interface Shape {
  readonly element: ScalarType;
  readonly lanes: 1 | LaneCount;
}

const laneCounts = [2, 4, 8] as const;

const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['f64', { element: 'f64', lanes: 1 }],
  ['bool', { element: 'bool', lanes: 1 }],
  ['i64', { element: 'i64', lanes: 1 }],
  ...laneCounts.flatMap((lanes): [string, Shape][] => [
    [`f64x${lanes}`, { element: 'f64', lanes }],
    [`maskx${lanes}`, { element: 'bool', lanes }],
    [`i64x${lanes}`, { element: 'i64', lanes }],
  ]),
]);

const scalar: Shape = { element: 'f64', lanes: 1 };

/** The type of one lane; a scalar type's own. */
export function elementOf(type: Type): ScalarType {
  return (shapes.get(type) ?? scalar).element;
}

/** 1 for scalar types. */
export function lanesOf(type: Type): 1 | LaneCount {
  return (shapes.get(type) ?? scalar).lanes;
}

export function withLanes(element: ScalarType, lanes: 1 | LaneCount): Type {
  if (lanes === 1) return element;
  return `${element === 'bool' ? 'mask' : element}x${lanes}`;
}

export function isType(name: string): name is Type {
  return shapes.has(name);
}
