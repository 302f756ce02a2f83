/** Ways to say what an instruction does to a lane, from which `vectorOperation` makes what it does to vectors. */
import type { Semantics } from './semantics.ts';
import { type VectorFile, vectorBytes } from './vector-file.ts';
import { type VectorBody, type VectorShape, vectorOperation } from './vector-operation.ts';

/** How a vector is divided into numbers. */
type NumberView = 'bytes' | 'words' | 'signedWords' | 'dwords' | 'signedDwords' | 'floats' | 'doubles';
type BigintView = 'quads' | 'signedQuads';

/** How a vector is divided into lanes. */
export type LaneView = NumberView | BigintView;

type LaneOf<View extends LaneView> = View extends BigintView ? bigint : number;

interface LaneArray<T> {
  readonly BYTES_PER_ELEMENT: number;
  [index: number]: T;
}

function view<T>(vectors: VectorFile, name: LaneView): LaneArray<T> {
  return vectors[name] as unknown as LaneArray<T>;
}

const sizes: Readonly<Record<LaneView, number>> = {
  bytes: 1,
  words: 2,
  signedWords: 2,
  dwords: 4,
  signedDwords: 4,
  floats: 4,
  doubles: 8,
  quads: 8,
  signedQuads: 8,
};

type ShapeTraits = Partial<Omit<VectorShape, 'sources'>>;

/** One operand; the immediate comes with it. Results are stored as the view stores: integers modulo their width. */
export function lanes1<View extends LaneView>(
  name: View,
  compute: (x: LaneOf<View>, immediate: number) => LaneOf<View>,
  traits: ShapeTraits = {},
): Semantics {
  const size = sizes[name];
  return vectorOperation({ sources: 1, element: size, ...traits }, (vectors, result, [a = 0], lanes, imm) => {
    const array = view<LaneOf<View>>(vectors, name);
    const count = (lanes * (traits.element ?? size)) / size;
    for (let lane = 0; lane < count; lane++) {
      array[result / size + lane] = compute(array[a / size + lane] as LaneOf<View>, imm);
    }
  });
}

/** Two operands. */
export function lanes2<View extends LaneView>(
  name: View,
  compute: (x: LaneOf<View>, y: LaneOf<View>, immediate: number) => LaneOf<View>,
  traits: ShapeTraits = {},
): Semantics {
  const size = sizes[name];
  return vectorOperation(
    { sources: 2, element: size, ...traits },
    (vectors, result, [a = 0, b = 0], lanes, imm) => {
      const array = view<LaneOf<View>>(vectors, name);
      const count = (lanes * (traits.element ?? size)) / size;
      for (let lane = 0; lane < count; lane++) {
        array[result / size + lane] = compute(
          array[a / size + lane] as LaneOf<View>,
          array[b / size + lane] as LaneOf<View>,
          imm,
        );
      }
    },
  );
}

/** From lanes of one kind to as many of another, which may be wider or narrower. */
export function convert<From extends LaneView, To extends LaneView>(
  from: From,
  to: To,
  compute: (x: LaneOf<From>) => LaneOf<To>,
  traits: ShapeTraits = {},
): Semantics {
  const shape = { sources: 1, element: sizes[to], from: sizes[from], ...traits } as const;
  return vectorOperation(shape, (vectors, result, [a = 0], lanes) => {
    const source = view<LaneOf<From>>(vectors, from);
    const target = view<LaneOf<To>>(vectors, to);
    for (let lane = 0; lane < lanes; lane++) {
      target[result / sizes[to] + lane] = compute(source[a / sizes[from] + lane] as LaneOf<From>);
    }
  });
}

/**
 * Lanes of the result picked from lanes of the sources, within each 128 bits: `pick` gets the number of a lane within
 * its 128 bits and says which source and which lane there.
 */
export function shuffle(
  name: NumberView,
  sources: 1 | 2,
  pick: (lane: number, immediate: number) => readonly [source: number, lane: number],
  traits: ShapeTraits = {},
): Semantics {
  const size = sizes[name];
  const perBlock = 16 / size;
  const body: VectorBody = (vectors, result, offsets, lanes, immediate) => {
    const array = view<number>(vectors, name);
    for (let lane = 0; lane < lanes; lane++) {
      const within = lane % perBlock;
      const [source, from] = pick(within, immediate);
      array[result / size + lane] = array[
        (offsets[source] as number) / size + lane - within + from
      ] as number;
    }
  };
  return vectorOperation({ sources, element: size, whole: true, ...traits }, body);
}

/** The whole operand, as it is. */
export const copied = (element: number, alignment: 'always' | 'never'): Semantics =>
  vectorOperation({ sources: 1, element, alignment }, (vectors, result, [a = 0]) => {
    vectors.copy(a, result, vectorBytes);
  });
