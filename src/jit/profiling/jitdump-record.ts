/**
 * The records of a jitdump file, little endian. Format: `tools/perf/Documentation/jitdump-specification.txt` of the Linux
 * sources, version 1. Timestamps are nanoseconds of CLOCK_MONOTONIC.
 */
import type { CodeSymbol } from './code-symbols.ts';

const magic = 0x4a695444;
const version = 1;
/** EM_X86_64 of the ELF specification. */
const machine = 62;

const headerSize = 40;
const recordHeaderSize = 16;
const loadSize = recordHeaderSize + 40;

const RecordId = Object.freeze({ CodeLoad: 0, CodeClose: 3 } as const);

/** What a file begins with. */
export function jitDumpHeader(pid: number, timestamp: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(headerSize));
  view.setUint32(0, magic, true);
  view.setUint32(4, version, true);
  view.setUint32(8, headerSize, true);
  view.setUint32(12, machine, true);
  view.setUint32(20, pid, true);
  view.setBigUint64(24, timestamp, true);
  return new Uint8Array(view.buffer);
}

/** Code that is in place from now on; `index` is a number that no other record of the file has. */
export function codeLoadRecord(
  { name, address }: CodeSymbol,
  code: Uint8Array,
  index: number,
  pid: number,
  timestamp: bigint,
): Uint8Array {
  const text = Buffer.from(`${name}\0`);
  const record = new Uint8Array(loadSize + text.length + code.length);
  const view = new DataView(record.buffer);
  writeRecordHeader(view, RecordId.CodeLoad, timestamp);
  view.setUint32(16, pid, true);
  // The thread: mappings are the same for all, so the first one stands for it.
  view.setUint32(20, pid, true);
  view.setBigUint64(24, BigInt(address), true);
  view.setBigUint64(32, BigInt(address), true);
  view.setBigUint64(40, BigInt(code.length), true);
  view.setBigUint64(48, BigInt(index), true);
  record.set(text, loadSize);
  record.set(code, loadSize + text.length);
  return record;
}

/** What a file ends with. */
export function codeCloseRecord(timestamp: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(recordHeaderSize));
  writeRecordHeader(view, RecordId.CodeClose, timestamp);
  return new Uint8Array(view.buffer);
}

/** `view` spans the record. */
function writeRecordHeader(view: DataView, id: number, timestamp: bigint): void {
  view.setUint32(0, id, true);
  view.setUint32(4, view.byteLength, true);
  view.setBigUint64(8, timestamp, true);
}
