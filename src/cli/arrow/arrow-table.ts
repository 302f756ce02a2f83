/** All that is made of Arrow's tables: what loads this loads the library. */

export { mapArrow } from './map-arrow.ts';
export { countIpcRows } from './read-ipc.ts';
