import { type DataType, type Field, Type } from 'apache-arrow';

/** How the values of a type lie in memory. */
export type Storage = 'none' | 'bits' | 'fixed' | 'views' | 'bytes' | 'lists' | 'fixed lists' | 'struct';

const storages: ReadonlyMap<Type, Storage> = new Map<Type, Storage>([
  [Type.Null, 'none'],
  [Type.Bool, 'bits'],
  [Type.Int, 'fixed'],
  [Type.Float, 'fixed'],
  [Type.Decimal, 'fixed'],
  [Type.Date, 'fixed'],
  [Type.Time, 'fixed'],
  [Type.Timestamp, 'fixed'],
  [Type.Duration, 'fixed'],
  [Type.Interval, 'fixed'],
  [Type.FixedSizeBinary, 'fixed'],
  [Type.BinaryView, 'views'],
  [Type.Utf8View, 'views'],
  [Type.Dictionary, 'fixed'],
  [Type.Binary, 'bytes'],
  [Type.Utf8, 'bytes'],
  [Type.LargeBinary, 'bytes'],
  [Type.LargeUtf8, 'bytes'],
  [Type.List, 'lists'],
  [Type.LargeList, 'lists'],
  [Type.Map, 'lists'],
  [Type.FixedSizeList, 'fixed lists'],
  [Type.Struct, 'struct'],
]);

/** Undefined for unions, and for types that are not known here. */
export function storageOf(type: DataType): Storage | undefined {
  return storages.get(type.typeId);
}

/** Whether the values of a type, and what they have in them, lie in a way that is known here. */
export function isStored(type: DataType): boolean {
  return storageOf(type) !== undefined && childrenOf(type).every((child) => isStored(child.type));
}

/** Null where a type has none, against its declaration. */
function childrenOf({ children }: DataType): readonly Field[] {
  return (children as readonly Field[] | null) ?? [];
}

/** Whether a field has a name, and those in it have types: the library makes fields of damaged schemas, too. */
export function isSound({ name, type }: Field): boolean {
  // A list without a type of its own has a hole there.
  const children: readonly (Field | undefined)[] = childrenOf(type);
  return typeof name === 'string' && children.every((child) => child !== undefined && isSound(child));
}
