import { parseCommand } from './arguments.ts';
import { type Command, type Terminal, UsageError } from './command.ts';
import { valuesIn } from './map/columns.ts';
import { parseNames, requireNamed } from './map/named-outputs.ts';
import { parseTableJob, type TableJob, tableHelp, tableOptions } from './map/table-options.ts';
import { runTable } from './map/table-run.ts';
import { parseAggregate } from './reduce/aggregate.ts';
import { type ReduceRequest, reduceTable } from './reduce/reduce-rows.ts';

const help = `Makes one line of the rows of a CSV file, or one of each group of them: sums, means and the like of formulas.

Usage: exprjit reduce [options] <aggregate> [file.csv]
       exprjit reduce [options] --as <name>=<aggregate> … [file.csv]

An aggregate is sum, mean, min, max, prod, count, any or all of a formula over the columns, as in 'sum(price * quantity)';
count(x > 0) counts the rows for which it is true, count() all. Files are read as 'exprjit map' reads them.

  --by <column>       one line for the rows with one value in this column; as often as there are such columns
  --as <heading>      heading of the aggregate; 'result' if left out
  --as <name>=<aggregate>   one more, as often as there are some
${tableHelp}
  exprjit reduce 'sum(price * quantity)' orders.csv
  exprjit reduce --by country --as orders='count()' --as mean='mean(price)' orders.csv
`;

const options = {
  as: { type: 'string', multiple: true },
  by: { type: 'string', multiple: true },
  ...tableOptions,
} as const;

interface ReduceJob extends TableJob, ReduceRequest {
  readonly json: boolean;
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const job = parseJob(args);
  const formulas = [job.filter ?? '', ...job.aggregates.map(({ formula }) => formula)];
  const needsLength = formulas.some((formula) => valuesIn(formula).includes('length'));
  return runTable(job, terminal, needsLength, (table, tableRun) => reduceTable(table, job, tableRun));
}

function parseJob(args: readonly string[]): ReduceJob {
  const { values, positionals } = parseCommand('reduce', args, options);
  const { outputs, headings } = parseNames(values.as ?? []);
  const rest = [...positionals];
  if (headings.length > 0 || outputs.length === 0) {
    const formula = rest.shift();
    if (formula === undefined) throw new UsageError('reduce needs an aggregate');
    outputs.push({ heading: headings.at(0) ?? 'result', formula });
  }
  requireNamed(outputs, headings);
  const file = rest.at(0);
  if (rest.length > 1) throw new UsageError(`reduce takes one file, but got '${rest[1]}' as well`);
  const aggregates = outputs.map(({ heading, formula }) => ({ heading, ...parseAggregate(formula) }));
  return { ...parseTableJob(values, file), aggregates, by: values.by ?? [] };
}

export const command: Command = { help, run };
