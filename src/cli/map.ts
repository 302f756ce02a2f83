import { existsSync } from 'node:fs';
import { parseChoice, parseCommand } from './arguments.ts';
import { kindsByFormat } from './arrow/ipc-kind.ts';
import { loadArrow } from './arrow/load-arrow.ts';
import { type Command, CommandFailure, type Terminal, UsageError } from './command.ts';
import { rejectDuplicates, valuesIn } from './map/columns.ts';
import { type MapRequest, mapTable, RowMapper } from './map/map-rows.ts';
import { type NamedOutput, parseNames, requireNamed } from './map/named-outputs.ts';
import { csvFormat, jsonFormat } from './map/row-formats.ts';
import { endingOf, type TableFormat, tableFormats } from './map/table-format.ts';
import { parseFile, parseTableJob, type TableJob, tableHelp, tableOptions } from './map/table-options.ts';
import { runTable } from './map/table-run.ts';

const help = `Computes formulas for every row of a CSV or Arrow file and adds the values as columns.

Usage: exprjit map [options] <formula> [file]
       exprjit map [options] --as <name>=<formula> … [file]
       exprjit map --filter <formula> <file>

The first line must be headings, no two alike; formulas know columns by them, with _ for what names cannot
contain. Without a file, or for -, standard input is read, packed by gzip or not. Tables of any length are read piece by
piece. Cells that are empty or no numbers count as nan. 'index' is the number of the row, from 0, 'length' how many there
are, unless columns are called so.

Arrow IPC files and streams are known by their first bytes. They need the package apache-arrow.

  --as <heading>      heading of the new column; 'result' if left out
  --as <name>=<formula>   a new column; as often as there are some, and each may use those before it
  --to <format>       csv, json, arrow (a file) or arrows (a stream); if left out, what the name of --out ends in (.csv,
                      .tsv, .json, .ndjson, .arrow, .feather, .arrows), else what was read
${tableHelp}
  exprjit map --as total 'price * quantity' orders.csv
  exprjit map --as net='price * quantity' --as gross='net * 1.19' orders.csv --out orders.csv.gz
  exprjit map --filter 'precipitation > 0' '(temp_max + temp_min)/2' weather.csv | head
  exprjit map --as total='price * quantity' orders.arrow --out totals.arrow
`;

const options = {
  as: { type: 'string', multiple: true },
  to: { type: 'string' },
  ...tableOptions,
} as const;

interface MapJob extends TableJob, MapRequest {
  readonly outputs: readonly NamedOutput[];
  /** Undefined: as it is read. */
  readonly to: TableFormat | undefined;
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const job = parseJob(args);
  const formulas = [job.filter ?? '', ...job.outputs.map(({ formula }) => formula)];
  const needsLength = formulas.some((formula) => valuesIn(formula).includes('length'));
  const written = kindsByFormat.get(job.to ?? '');
  const isShown = job.out === undefined && terminal.stdout.isTTY === true;
  const requireHidden = (): void => {
    if (isShown) throw new CommandFailure('Arrow is no text for a terminal; say --out, or --to csv');
  };
  return runTable(job, terminal, {
    needsLength,
    async *csv(table, tableRun) {
      rejectDuplicates(table.headings, job.writesUtf8);
      const mapper = new RowMapper(table, job, tableRun);
      const added = job.outputs.map(({ heading }) => heading);
      if (written === undefined) {
        yield* mapTable(table, mapper, job.json ? jsonFormat(table, added) : csvFormat(table, added));
        return;
      }
      requireHidden();
      const { csvToArrow } = await loadArrow();
      yield* csvToArrow(table, mapper, added, written);
    },
    async *arrow(input, tableRun) {
      if (written !== undefined || job.to === undefined) requireHidden();
      const { mapArrow } = await loadArrow();
      const delimiter = job.delimiter ?? (endingOf(job.out ?? '').hasTabs ? '\t' : ',');
      yield* mapArrow(input, { ...job, delimiter }, tableRun);
    },
  });
}

function parseJob(args: readonly string[]): MapJob {
  const { values, positionals } = parseCommand('map', args, options);
  const { outputs, headings } = parseNames(values.as ?? []);
  const rest = [...positionals];
  if (takesFormula(headings, outputs, values.filter, rest)) {
    const formula = rest.shift();
    if (formula === undefined) throw new UsageError('map needs a formula');
    outputs.push({ heading: headings.at(0) ?? 'result', formula });
  }
  requireNamed(outputs, headings);
  const file = parseFile('map', rest);
  const to = parseFormat(values);
  const json = to === 'json';
  const writesUtf8 = json || kindsByFormat.has(to ?? '');
  return { ...parseTableJob(values, file), json, writesUtf8, outputs, to };
}

/** What a file is called says what is written into it, if nothing else does. */
function parseFormat({
  to,
  json,
  out = '',
}: {
  to?: string;
  json?: boolean;
  out?: string;
}): TableFormat | undefined {
  if (to !== undefined) {
    const format = parseChoice('to', to, tableFormats);
    if (json === true && format !== 'json') throw new UsageError(`--json and --to ${to} are two formats`);
    return format;
  }
  if (json === true) return 'json';
  return endingOf(out).format;
}

/** Whether the first argument is a formula. Where there may be none, a single argument is the file if it can be. */
function takesFormula(
  headings: readonly string[],
  outputs: readonly NamedOutput[],
  filter: string | undefined,
  positionals: readonly string[],
): boolean {
  if (headings.length > 0) return true;
  if (outputs.length > 0) return false;
  if (filter === undefined || positionals.length > 1) return true;
  const only = positionals.at(0);
  return only !== undefined && only !== '-' && endingOf(only).isFile !== true && !existsSync(only);
}

export const command: Command = { help, run };
