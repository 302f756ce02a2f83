import { parseCommand } from './arguments.ts';
import { loadArrow } from './arrow/load-arrow.ts';
import { type Command, type Terminal, UsageError } from './command.ts';
import { valuesIn } from './map/columns.ts';
import { parseNames, requireNamed } from './map/named-outputs.ts';
import type { TableRun } from './map/run-context.ts';
import { parseFile, parseTableJob, type TableJob, tableHelp, tableOptions } from './map/table-options.ts';
import { runTable } from './map/table-run.ts';
import { type NamedAggregate, parseAggregate } from './reduce/aggregate.ts';
import { csvRows } from './reduce/csv-rows.ts';
import { isMergeable } from './reduce/mergeable.ts';
import { type ReduceRequest, reduceTable, reduceToState } from './reduce/reduce-rows.ts';
import type { RowSource } from './reduce/row-source.ts';
import type { MergeableAggregate } from './reduce/state-form.ts';
import { parseStateTarget, stateOptions } from './reduce/state-options.ts';

const help = `Makes one line of the rows of a CSV or Arrow file, or one of each group of them: sums, means and the like of formulas.

Usage: exprjit reduce [options] <aggregate> [file]
       exprjit reduce [options] --as <name>=<aggregate> … [file]

An aggregate is sum, mean, min, max, prod, count, any or all of a formula over the columns, as in 'sum(price * quantity)';
count(x > 0) counts the rows for which it is true, count() all. Files are read as 'exprjit map' reads them.

  --by <column>       one line for the rows with one value in this column; as often as there are such columns
  --as <heading>      heading of the aggregate; 'result' if left out
  --as <name>=<aggregate>   one more, as often as there are some
  --exact             round sums and means once, and sort groups, so that nothing depends on the order of the rows
  --state <file>      write a state for 'exprjit merge' instead of the table, exact, to standard output for -
${tableHelp}
  exprjit reduce 'sum(price * quantity)' orders.csv
  exprjit reduce --by country --as orders='count()' --as mean='mean(price)' orders.csv
  exprjit reduce --state orders.state --by country 'sum(price)' orders.csv
`;

const options = {
  as: { type: 'string', multiple: true },
  by: { type: 'string', multiple: true },
  exact: { type: 'boolean' },
  ...stateOptions,
  ...tableOptions,
} as const;

interface ReduceJob extends TableJob, ReduceRequest {
  readonly json: boolean;
  /** Those of which a state is written; undefined where none is. */
  readonly mergeable: readonly MergeableAggregate[] | undefined;
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const job = parseJob(args);
  const formulas = [job.filter ?? '', ...job.aggregates.map(({ formula }) => formula)];
  const needsLength = formulas.some((formula) => valuesIn(formula).includes('length'));
  const { mergeable } = job;
  const reduce = <Batch>(source: RowSource<Batch>, tableRun: TableRun): AsyncIterable<Uint8Array> =>
    mergeable === undefined
      ? reduceTable(source, job, tableRun)
      : reduceToState(source, { ...job, aggregates: mergeable }, tableRun);
  return runTable(job, terminal, {
    needsLength,
    csv: (table, tableRun) => reduce(csvRows(table), tableRun),
    async *arrow(input, tableRun) {
      const { reduceArrow } = await loadArrow();
      yield* reduceArrow(input, job.delimiter, (source) => reduce(source, tableRun));
    },
  });
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
  const file = parseFile('reduce', rest);
  const aggregates = outputs.map(({ heading, formula }) => ({ heading, ...parseAggregate(formula) }));
  const { isState, out } = parseStateTarget(values);
  const table = parseTableJob(values, file);
  return {
    ...table,
    out,
    writesUtf8: isState || table.json,
    aggregates,
    by: values.by ?? [],
    exact: values.exact === true,
    mergeable: isState ? aggregates.map(requireMergeable) : undefined,
  };
}

function requireMergeable({ heading, kind, formula }: NamedAggregate): MergeableAggregate {
  if (isMergeable(kind)) return { heading, kind, formula };
  throw new UsageError(
    `${kind} rounds at every row, so states of it cannot be merged; leave it out of --state`,
  );
}

export const command: Command = { help, run };
