import { deflateSync } from 'node:zlib';

/** Red, green and blue of each pixel, row by row from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Bits of a channel, colour type "truecolour", and the only methods that there are; not interlaced. */
const format = Uint8Array.of(8, 2, 0, 0, 0);

const bytesPerPixel = 3;

/** Each byte less that of the pixel to the left (PNG specification 9.2): colours that go on are zeros. */
const subFilter = 1;

/** Pixels as a PNG file (ISO/IEC 15948). */
export function encodePng({ width, height, data }: Pixels): Buffer {
  const stride = width * bytesPerPixel;
  const filtered = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * stride, (y + 1) * stride);
    const start = y * (stride + 1);
    filtered[start] = subFilter;
    row.forEach((byte, i) => {
      filtered[start + 1 + i] = byte - (i < bytesPerPixel ? 0 : (row[i - bytesPerPixel] ?? 0));
    });
  }
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([
    signature,
    chunk('IHDR', Buffer.concat([size, format])),
    chunk('IDAT', deflateSync(filtered, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** The remainder of every byte, by the polynomial of ISO 3309, bits reversed. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** Not `zlib.crc32`, which Node has from 20.15 and other runtimes may not have. */
function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = (remainders[(rest ^ byte) & 0xff] ?? 0) ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}
