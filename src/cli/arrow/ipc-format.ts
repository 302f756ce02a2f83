import { AsyncByteQueue, RecordBatchFileWriter, RecordBatchStreamWriter, type Schema } from 'apache-arrow';
import { CommandFailure } from '../command.ts';
import type { BatchFormat } from './batch-text.ts';
import type { IpcKind } from './ipc-kind.ts';

/** The library's writer, whose bytes are taken after each batch. */
export function ipcFormat(schema: Schema, kind: IpcKind): BatchFormat {
  const sink = new ByteSink();
  const writer = kind === 'file' ? new RecordBatchFileWriter() : new RecordBatchStreamWriter();
  // Starts it also where no batch comes.
  writer.reset(sink, schema);
  return {
    *batch(batch) {
      try {
        writer.write(batch);
      } catch (error) {
        if (!/replacement dictionar/.test(String(error))) throw error;
        throw new CommandFailure(
          'a dictionary is replaced from one batch to the next, which a file cannot have; write a stream, --to arrows',
        );
      }
      yield sink.takeAll();
    },
    *end() {
      writer.finish();
      yield sink.takeAll();
    },
  };
}

class ByteSink extends AsyncByteQueue {
  #pieces: Uint8Array[] = [];

  override write(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  takeAll(): Uint8Array {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return bytes;
  }
}
