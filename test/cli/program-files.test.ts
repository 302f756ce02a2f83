import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from './run-command-line.ts';

describe('exprjit with a file of a program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exprjit-program-'));
  after(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string | Uint8Array): string {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  }

  it('evaluates what is in it, with values from the command line', async () => {
    const file = write(
      'area.expr',
      '#!/usr/bin/env exprjit\nlet half = r / 2\r\npi * half^2 # of a circle\n',
    );
    expect(await run([file, 'r=2'])).to.deep.equal({ code: 0, out: '3.141592653589793\n', err: '' });
    expect((await run([file, 'r=1 + 1', '--json'])).out).to.equal('{"value":3.141592653589793}\n');
    expect((await run([write('marked.expr', '\ufeff1 < 2')])).out).to.equal('true\n');
    expect((await run([write('no-ending', '6 * 7')])).out).to.equal('42\n');
  });

  it('says in which file what is wrong', async () => {
    const file = write('wrong $1.expr', 'f(x) = x\nf(y) + sqr(3)\n');
    const { code, out, err } = await run([file, 'y=1']);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.contain(` --> ${file}:2:8\n`).and.contain('did you mean `sqrt`?');
    const colored = await run([file, 'y=1'], '', { env: { FORCE_COLOR: '1' } });
    expect(colored.err).to.contain(`${file}:2:8\n`);
  });

  it('refuses what is no text, and what is not there', async () => {
    const binary = await run([write('binary.expr', Uint8Array.of(0xff, 0xfe, 0x31))]);
    expect(binary).to.deep.equal({
      code: 1,
      out: '',
      err: `exprjit: ${join(folder, 'binary.expr')} is no UTF-8 text\n`,
    });
    const nowhere = join(folder, 'nowhere.expr');
    const { code, err } = await run([nowhere]);
    expect({ code, err }).to.deep.equal({ code: 1, err: `exprjit: ${nowhere}: no such file or directory\n` });
    expect((await run([folder])).err).to.match(/^exprjit: .*exprjit-program-\w+: EISDIR/);
    expect((await run([write('x.expr', 'x'), 'x'])).err).to.contain("'x' is not of the form name=value");
  });
});
