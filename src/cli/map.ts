import { existsSync } from 'node:fs';
import { parseCommand } from './arguments.ts';
import { type Command, type Terminal, UsageError } from './command.ts';
import { rejectDuplicates, valuesIn } from './map/columns.ts';
import { type MapRequest, mapTable, RowMapper } from './map/map-rows.ts';
import { type NamedOutput, parseNames, requireNamed } from './map/named-outputs.ts';
import { csvFormat, jsonFormat } from './map/row-formats.ts';
import { parseTableJob, type TableJob, tableHelp, tableOptions } from './map/table-options.ts';
import { runTable } from './map/table-run.ts';

const help = `Computes formulas for every row of a CSV file and adds the values as columns.

Usage: exprjit map [options] <formula> [file.csv]
       exprjit map [options] --as <name>=<formula> … [file.csv]
       exprjit map --filter <formula> <file.csv>

The first line must be headings, no two alike; formulas know columns by them, with _ for what names cannot
contain. Without a file, or for -, standard input is read, packed by gzip or not. Tables of any length are read piece by
piece. Cells that are empty or no numbers count as nan. 'index' is the number of the row, from 0, 'length' how many there
are, unless columns are called so.

  --as <heading>      heading of the new column; 'result' if left out
  --as <name>=<formula>   a new column; as often as there are some, and each may use those before it
${tableHelp}
  exprjit map --as total 'price * quantity' orders.csv
  exprjit map --as net='price * quantity' --as gross='net * 1.19' orders.csv --out orders.csv.gz
  exprjit map --filter 'precipitation > 0' '(temp_max + temp_min)/2' weather.csv | head
`;

const options = { as: { type: 'string', multiple: true }, ...tableOptions } as const;

interface MapJob extends TableJob, MapRequest {
  readonly outputs: readonly NamedOutput[];
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const job = parseJob(args);
  const formulas = [job.filter ?? '', ...job.outputs.map(({ formula }) => formula)];
  const needsLength = formulas.some((formula) => valuesIn(formula).includes('length'));
  return runTable(job, terminal, needsLength, (table, tableRun) => {
    rejectDuplicates(table.headings, job.json);
    const mapper = new RowMapper(table, job, tableRun);
    const added = job.outputs.map(({ heading }) => heading);
    return mapTable(table, mapper, job.json ? jsonFormat(table, added) : csvFormat(table, added));
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
  const file = rest.at(0);
  if (rest.length > 1) throw new UsageError(`map takes one file, but got '${rest[1]}' as well`);
  return { ...parseTableJob(values, file), outputs };
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
  return (
    only !== undefined && only !== '-' && !/\.(csv|tsv|tab|txt)(\.gz)?$/i.test(only) && !existsSync(only)
  );
}

export const command: Command = { help, run };
