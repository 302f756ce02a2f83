import { type DataType, type Field, Type } from 'apache-arrow';

/** How the values of a type lie in memory. */
export type Storage = 'none' | 'bits' | 'fixed' | 'bytes' | 'lists' | 'fixed lists' | 'struct';

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
  [Type.BinaryView, 'fixed'],
  [Type.Utf8View, 'fixed'],
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
  // Null where a type has none, and with holes where a schema is damaged, against its declaration.
  const children = (type.children ?? []) as readonly (Field | undefined)[];
  return (
    storageOf(type) !== undefined && children.every((child) => child !== undefined && isStored(child.type))
  );
}
