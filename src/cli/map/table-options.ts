/** Options of the commands that read tables, and what these mean. */
import { parseChoice, parseCount } from '../arguments.ts';
import { UsageError } from '../command.ts';
import { endingOf } from './table-format.ts';
import { type EncodingName, encodingNames } from './text-source.ts';

/** For `parseCommand`. */
export const tableOptions = {
  filter: { type: 'string' },
  out: { type: 'string', short: 'o' },
  delimiter: { type: 'string', short: 'd' },
  encoding: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** For `--help`. */
export const tableHelp = `  --filter <formula>  only rows for which this is true
  --out <file>        write to a file, which may be the one that is read; it appears when it is complete
  --delimiter <char>  what stands between cells, 'tab' or '\\t' for tabs; if left out, the first of , tab ; | that the
                      first line has
  --encoding <name>   utf-8, latin1, utf-16le or utf-16be; a byte order mark goes before it; utf-8 if left out
  --threads <n>       how many may compute; as many as there are cores, up to 4, if left out
  --json              write one JSON object a line
`;

export interface TableJob {
  /** Undefined: standard input. */
  readonly file: string | undefined;
  /** Undefined: standard output. */
  readonly out: string | undefined;
  /** Undefined: the first row tells. */
  readonly delimiter: string | undefined;
  readonly encoding: EncodingName | undefined;
  readonly filter: string | undefined;
  readonly threads: number | undefined;
  readonly json: boolean;
  /** Whether UTF-8 is written, whatever the table is in. */
  readonly writesUtf8: boolean;
}

interface Given {
  readonly filter?: string | undefined;
  readonly out?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly encoding?: string | undefined;
  readonly threads?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What more than one formula is taken for. */
export const severalFormulas = 'several formulas are given as --as name=formula';

/** The file among the arguments behind the formula, if there is one. */
export function parseFile(command: string, rest: readonly string[]): string | undefined {
  const [file, surplus] = rest;
  if (surplus === undefined) return file;
  throw new UsageError(`${command} takes one file, but got '${surplus}' as well; ${severalFormulas}`);
}

export function parseTableJob(given: Given, file: string | undefined): TableJob {
  const { filter, out, delimiter, encoding, threads, json = false } = given;
  return {
    file: file === '-' ? undefined : file,
    out,
    delimiter:
      delimiter === undefined ? (endingOf(file ?? '').hasTabs ? '\t' : undefined) : parseDelimiter(delimiter),
    encoding: encoding === undefined ? undefined : parseChoice('encoding', encoding, encodingNames),
    filter,
    threads:
      threads === undefined ? undefined : parseCount('threads', threads, { least: 1, most: 64, fallback: 1 }),
    json,
    writesUtf8: json,
  };
}

function parseDelimiter(text: string): string {
  if (text === 'tab' || text === '\\t') return '\t';
  if ([...text].length === 1 && !/["\r\n]/.test(text)) return text;
  throw new UsageError(
    `--delimiter must be one character, but no quote and no line break, or 'tab' or '\\t', not ${JSON.stringify(text)}`,
  );
}
