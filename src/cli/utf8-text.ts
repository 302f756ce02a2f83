import { isUtf8 } from 'node:buffer';

/** Without a byte order mark; undefined for what is no UTF-8. */
export function utf8Text(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8').replace(/^\ufeff/, '') : undefined;
}
