import { parseCommand } from './arguments.ts';
import { type Command, type CommandEntry, ExitCode, type Terminal, UsageError } from './command.ts';

const help = `Prints a script that makes a shell complete commands, options and names of files after 'exprjit'.

Usage: exprjit completion <shell>

The shell is bash, zsh or fish. Where it looks for such scripts:

  exprjit completion bash >~/.local/share/bash-completion/completions/exprjit
  exprjit completion zsh >"\${fpath[1]}/_exprjit"
  exprjit completion fish >~/.config/fish/completions/exprjit.fish
`;

interface Described {
  readonly name: string;
  readonly summary: string;
  /** Long ones, with both minus signs. */
  readonly options: readonly string[];
}

type Commands = Readonly<Record<string, CommandEntry>>;

/** The command that knows all commands, itself among them. */
export function completionOf(commands: Commands): Command {
  return { help, run: (args, terminal) => run(commands, args, terminal) };
}

async function run(commands: Commands, args: readonly string[], { stdout }: Terminal): Promise<number> {
  const { positionals } = parseCommand('completion', args, {});
  const [shell = '', surplus] = positionals;
  if (surplus !== undefined) throw new UsageError(`completion takes one shell, but got '${surplus}' as well`);
  if (!Object.hasOwn(scripts, shell))
    throw new UsageError(`completion is for bash, zsh and fish, not '${shell}'`);
  stdout.write(scripts[shell as keyof typeof scripts](await described(commands)));
  return ExitCode.Success;
}

/** What a command says of itself is what it takes. */
async function described(commands: Commands): Promise<Described[]> {
  return Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) => {
      const { command } = await load();
      const options = [...command.help.matchAll(/^ +(?:-\w, )?(--[a-z][a-z-]*)/gm)].map(
        ([, option = '']) => option,
      );
      return { name, summary, options: [...new Set([...options, '--help'])] };
    }),
  );
}

const scripts = { bash, zsh, fish };

function bash(all: readonly Described[]): string {
  return `_exprjit() {
  local current=\${COMP_WORDS[COMP_CWORD]} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(
      compgen -W '${all.map(({ name }) => name).join(' ')} --help --version' -- "$current"
      compgen -f -X '!*.expr' -- "$current"
      compgen -d -- "$current"
    )
    return
  fi
  case \${COMP_WORDS[1]} in
${cases(all, (options) => `words='${options}'`)}
    *) words= ;;
  esac
  case $current in
    -*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}
complete -o filenames -F _exprjit exprjit
`;
}

function zsh(all: readonly Described[]): string {
  return `#compdef exprjit
_exprjit() {
  local -a words_here
  if (( CURRENT == 2 )); then
    words_here=(
${all.map(({ name, summary }) => `      '${name}:${summary}'`).join('\n')}
    )
    _describe command words_here
    _files -g '*.expr'
    return
  fi
  case $words[2] in
${cases(all, (options) => `words_here=(${options})`)}
  esac
  if [[ $PREFIX == -* ]]; then compadd -a words_here; else _files; fi
}
if [ "$funcstack[1]" = _exprjit ]; then _exprjit "$@"; else compdef _exprjit exprjit; fi
`;
}

function fish(all: readonly Described[]): string {
  const lines = all.flatMap(({ name, summary, options }) => [
    `complete -c exprjit -n __fish_use_subcommand -a ${name} -d '${summary}'`,
    ...options.map(
      (option) =>
        `complete -c exprjit -n '__fish_seen_subcommand_from ${name}' -l ${option.replace(/^--/, '')}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

/** Of a shell: what is done for each command that has options. */
function cases(all: readonly Described[], body: (options: string) => string): string {
  return all.map(({ name, options }) => `    ${name}) ${body(options.join(' '))} ;;`).join('\n');
}
