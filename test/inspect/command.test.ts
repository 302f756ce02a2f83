import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { functionsOf, modelsOf } from '../support/inspected.ts';
import { runNode } from '../support/run-node.ts';

const cli = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));
const library = new URL('../../dist/index.js', import.meta.url).href;

describe('exprjit inspect', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-inspect-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function script(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  }

  it('runs a script as node does, and leaves its output and exit code alone', async () => {
    const file = script(
      'main.cjs',
      `if (require.main !== module) throw new Error('not the main module');
       console.log(JSON.stringify(process.argv.slice(1)));
       process.exitCode = 7;`,
    );
    const { status, stdout, stderr } = await runNode([cli, 'inspect', '--port', '0', file, '--stay', '-x']);
    expect(JSON.parse(stdout)).to.deep.equal([file, '--stay', '-x']);
    expect(stderr).to.match(/^exprjit inspector: http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/\n$/);
    expect(status).to.equal(7);
  });

  it('fails as node does', async () => {
    const failing = script('failing.mjs', `throw new Error('on purpose');`);
    const { status, stderr } = await runNode([cli, 'inspect', failing]);
    expect(status).to.equal(1);
    expect(stderr).to.include('Error: on purpose').and.to.include('failing.mjs:1');
    expect(await runNode([cli, 'inspect', join(folder, 'missing.js')])).to.include({ status: 1 });
  });

  it('shows the engines of the script, also after its end if told to stay', async () => {
    const file = script(
      'engines.mjs',
      `import { compile, Engine } from '${library}';
       globalThis.kept = [compile('x + 1', ['x']), new Engine().compile('y * 2', ['y'])];
       for (const f of kept) f(1);`,
    );
    const child = spawn(process.execPath, [cli, 'inspect', '--stay', file]);
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let text = '';
        child.once('close', () => reject(new Error(`it ended: ${text}`)));
        child.stderr.setEncoding('utf8').on('data', (more: string) => {
          text += more;
          const [, address] = /inspector: (\S+)\n.*has ended/s.exec(text) ?? [];
          if (address !== undefined) resolve(address);
        });
      });
      const functions = (await modelsOf({ url })).map((model) =>
        functionsOf(model).map(({ name, calls }) => ({ name, calls })),
      );
      expect(functions).to.deep.equal([[{ name: 'x + 1', calls: 1 }], [{ name: 'y * 2', calls: 1 }]]);
    } finally {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGINT');
      await closed;
    }
  });

  it('explains its usage', async () => {
    for (const args of [
      [],
      ['--port'],
      ['--port', 'x', 'a.js'],
      ['--port', '70000', 'a.js'],
      ['--fast', 'a.js'],
    ]) {
      const { status, stderr } = await runNode([cli, 'inspect', ...args]);
      expect({ args, status }).to.deep.equal({ args, status: 2 });
      expect(stderr).to.match(/^exprjit: .+\nTry 'exprjit inspect --help'\.\n$/);
    }
    expect((await runNode([cli, 'inspect', '--help'])).stdout).to.include('Usage: exprjit inspect');
  });
});
