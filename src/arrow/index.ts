/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Results as vectors and tables of Apache Arrow, and tables as columns. This door is the only one that needs the package
 * `apache-arrow`; columns of Arrow are columns without it.
 */

export { columnsOf, type TableLike } from './columns-of.ts';
export { mapTable, mapVector, type VectorOptions } from './map-vector.ts';
export { toVector, type VectorType, type VectorTypes } from './to-vector.ts';
