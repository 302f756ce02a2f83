import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { commands } from '../../src/cli/commands.ts';
import { replCommands } from '../../src/cli/repl/repl-commands.ts';

const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

describe('documentation of the command', () => {
  it('docs/repl.md has every command of the prompt, with its example', () => {
    const rows = replCommands.map(
      ({ name, usage, summary, example }) =>
        `| \`${`${name} ${usage}`.trimEnd()}\` | ${summary} | \`${example}\` |\n`,
    );
    expect(read('repl.md')).to.contain(rows.join(''));
  });

  it('docs/cli.md has the help of every command', async () => {
    const text = read('cli.md');
    const names = [...text.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(names).to.deep.equal([
      'eval',
      'repl',
      'map',
      'reduce',
      'merge',
      'plot',
      'asm',
      'ir',
      'wasm',
      'inspect',
      'bench',
      'doctor',
      'completion',
    ]);
    expect(names).to.deep.equal(Object.keys(commands));
    for (const name of names) {
      const command = (await commands[name ?? '']?.load())?.command;
      expect(command, name).to.not.equal(undefined);
      expect(text, `the help of ${name}`).to.contain(`\n## ${name}\n\n\`\`\`text\n${command?.help}\`\`\`\n`);
    }
  });
});
