/** All that is made of Arrow's tables: what loads this loads the library. */

export { csvToArrow } from './csv-to-arrow.ts';
export { mapArrow } from './map-arrow.ts';
export { countIpcRows } from './read-ipc.ts';
export { reduceArrow } from './reduce-arrow.ts';
