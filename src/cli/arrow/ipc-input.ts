import type { IpcKind } from './ipc-kind.ts';

/** Where Arrow's batches come from. */
export interface IpcInput {
  readonly kind: IpcKind;
  /** Unpacked; all of a stream, and of a file without a path. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Of a file that can be read at random. */
  readonly path: string | undefined;
  /** Is told of bytes that were read by the path. */
  readonly onRead: (bytes: number) => void;
}
