/** How Arrow's batches lie in bytes: one after the other, or with a list of them at the end. */
export type IpcKind = 'file' | 'stream';

/** What `--to` calls them. */
export const kindsByFormat: ReadonlyMap<string, IpcKind> = new Map([
  ['arrow', 'file'],
  ['arrows', 'stream'],
]);

/** Bytes by which Arrow is told from text. */
export const kindBytes = 8;

/** Of the first bytes of an input, whatever it is called; undefined for what is not Arrow's. */
export function ipcKind(begin: Uint8Array): IpcKind | undefined {
  const mark = String.fromCharCode(...begin.subarray(0, kindBytes));
  if (mark === 'ARROW1\0\0') return 'file';
  // The mark of a message, and the highest byte of a length below 2^28.
  const isMessage = mark.startsWith('\xff\xff\xff\xff') && (begin[kindBytes - 1] ?? 0xff) < 0x10;
  return isMessage ? 'stream' : undefined;
}
