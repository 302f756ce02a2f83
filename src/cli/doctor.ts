import { Engine, type EngineStatistics, hostReport } from '../index.ts';
import { parseCommand } from './arguments.ts';
import { type Command, ExitCode, type Terminal, UsageError } from './command.ts';
import { paletteFor } from './style.ts';
import { isTestedPlatform } from './tested-platforms.ts';
import { hostView } from './views/host-view.ts';

const help = `Says what works on this machine: the native addon, the CPU, the ways to executable memory, and what formulas run as.

Usage: exprjit doctor [--json]

  --json   print the report as JSON, to put into a bug report

The exit code is 1 if formulas cannot run as machine code here.
`;

function run(args: readonly string[], { stdout, env }: Terminal): number {
  const { values, positionals } = parseCommand('doctor', args, { json: { type: 'boolean' } });
  if (positionals[0] !== undefined)
    throw new UsageError(`doctor takes no argument, but got '${positionals[0]}'`);
  const report = hostReport();
  const engine = engineStatistics();
  const { backend, fallbackReason, calls, slowCallReason } = engine;
  const tested = isTestedPlatform(report.platform, report.architecture);
  const text =
    values.json === true
      ? JSON.stringify({ ...report, tested, backend, fallbackReason, calls, slowCallReason }, null, 2)
      : hostView(report, engine, paletteFor(stdout, env));
  stdout.write(`${text}\n`);
  return engine.backend === 'native' ? ExitCode.Success : ExitCode.Failure;
}

function engineStatistics(): EngineStatistics {
  using engine = new Engine();
  return engine.statistics();
}

export const command: Command = { help, run };
