import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commands } from '../../src/cli/commands.ts';
import { run } from './run-command-line.ts';

const names = Object.keys(commands);

describe('exprjit completion', () => {
  it('makes bash complete commands, options and names of files', async () => {
    const { out: script } = await run(['completion', 'bash']);
    const complete = (...words: string[]): string[] => {
      const asked = [
        script,
        `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
        `COMP_CWORD=${words.length - 1}`,
        '_exprjit',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: these are bash's.
        'printf "%s\\n" "${COMPREPLY[@]}"',
      ].join('\n');
      const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', asked], { encoding: 'utf8' });
      expect({ stderr, status }).to.deep.equal({ stderr: '', status: 0 });
      return stdout.split('\n').filter((line) => line !== '');
    };
    expect(complete('exprjit', '')).to.include.members(names);
    expect(complete('exprjit', 'ma')).to.deep.equal(['map']);
    expect(complete('exprjit', 'map', '--th')).to.deep.equal(['--threads']);
    expect(complete('exprjit', 'asm', '--')).to.include.members([
      '--cpu',
      '--kernel',
      '--no-bytes',
      '--help',
    ]);
    expect(complete('exprjit', 'map', 'package.j')).to.deep.equal(['package.json']);
    expect(complete('exprjit', 'nonsense', '--')).to.deep.equal([]);
    expect(complete('exprjit', 'test/c')).to.deep.equal(['test/cli']);
    const folder = mkdtempSync(join(tmpdir(), 'exprjit-complete-'));
    try {
      writeFileSync(join(folder, 'my orders.csv'), '');
      writeFileSync(join(folder, 'my area.expr'), '');
      expect(complete('exprjit', 'map', `${folder}/my o`)).to.deep.equal([`${folder}/my orders.csv`]);
      expect(complete('exprjit', `${folder}/my`)).to.deep.equal([`${folder}/my area.expr`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('knows every command for zsh and fish', async () => {
    const zsh = (await run(['completion', 'zsh'])).out;
    const fish = (await run(['completion', 'fish'])).out;
    for (const [name, { summary }] of Object.entries(commands)) {
      expect(zsh)
        .to.contain(`'${name}:${summary}'`)
        .and.match(new RegExp(`^ +${name}\\) words_here=\\(--`, 'm'));
      expect(fish).to.contain(`-a ${name} -d '${summary}'\n`);
    }
    expect(fish).to.contain("-n '__fish_seen_subcommand_from map' -l threads\n");
  });
});
