import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { runNode } from '../support/run-node.ts';

/** The command as it is shipped. */
const cli = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

describe('the exprjit process', () => {
  it('evaluates and exits with the code of the command', async () => {
    expect(await runNode([cli, 'eval', 'sqrt(x*x + y*y)', 'x=3', 'y=4'])).to.deep.equal({
      status: 0,
      stdout: '5\n',
      stderr: '',
    });
    expect(await runNode([cli, 'eval', '1 +'])).to.include({ status: 1, stdout: '' });
    expect(await runNode([cli, 'nonsense'])).to.include({ status: 2, stdout: '' });
  });

  it('answers by its old path too', async () => {
    const old = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
    expect(await runNode([old, 'eval', '1 + 2'])).to.deep.equal({ status: 0, stdout: '3\n', stderr: '' });
  });

  it('answers before it loads what compiles, unless somebody wants to see that', async () => {
    const loaded = async (args: readonly string[], env = {}) => {
      const script = `process.argv.splice(1, 0, ...${JSON.stringify([cli, ...args])});
        require(${JSON.stringify(cli)});
        process.on('exit', () => console.error(process.report.getReport().sharedObjects.some((each) => /exprjit/.test(each))));`;
      return runNode(['-e', script], '', env);
    };
    expect(await loaded(['eval', '1 + 2'])).to.deep.equal({ status: 0, stdout: '3\n', stderr: 'false\n' });
    expect(await loaded(['eval', 'sin(x)', 'x=0'])).to.deep.equal({
      status: 0,
      stdout: '0\n',
      stderr: 'false\n',
    });
    requireAddon();
    expect((await loaded(['eval', 'sum(i, 1, 1e6, i)'])).stderr).to.equal('true\n');
    expect((await loaded(['eval', '1 + 2'], { EXPRJIT_DEBUG: 'time' })).stderr).to.contain('[exprjit time]');
  });

  it('evaluates a pipe line by line', async () => {
    expect(await runNode([cli], 'let r = 2\npi*r^2\n')).to.deep.equal({
      status: 0,
      stdout: '12.566370614359172\n',
      stderr: '',
    });
  });

  it('answers each line as it comes', async () => {
    const child = spawn(process.execPath, [cli]);
    const next = () =>
      new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    for (const [line, answer] of [
      ['let a = 20', undefined],
      ['a + 1', '21\n'],
      ['a + 2', '22\n'],
    ] as const) {
      const answered = next();
      child.stdin.write(`${line}\n`);
      if (answer !== undefined) expect(await answered).to.equal(answer);
    }
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    expect(await closed).to.equal(0);
  });

  it('is quiet when its reader goes away', async () => {
    const lines = '1\n'.repeat(5000);
    const { status, stderr } = await new Promise<{ status: number; stderr: string }>((resolve) => {
      const child = execFile(
        'sh',
        ['-c', `"${process.execPath}" "${cli}" | head -n 1`],
        (error, _stdout, text) => resolve({ status: error === null ? 0 : 1, stderr: text }),
      );
      child.stdin?.on('error', () => {});
      child.stdin?.end(lines);
    });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  });

  // Linux has a device that is always full.
  const full = '/dev/full';
  const itHasOne = existsSync(full) ? it : () => {};
  itHasOne('says in a line that its output cannot be written', async () => {
    const run = (command: string) =>
      new Promise<{ status: unknown; stderr: string }>((resolve) => {
        const script = `"${process.execPath}" "${cli}" ${command}`;
        const child = execFile('sh', ['-c', script], (error, _stdout, stderr) =>
          resolve({ status: error?.code ?? 0, stderr }),
        );
        child.stdin?.on('error', () => {});
        child.stdin?.end('x\n1\nnone\n');
      });
    const expected = { status: 1, stderr: 'exprjit: ENOSPC: no space left on device, write\n' };
    for (const command of [`map x > ${full}`, `doctor > ${full}`, `eval 1 > ${full}`]) {
      expect(await run(command), command).to.deep.equal(expected);
    }
    // One cell without a number: what it did was right, and only the note is lost.
    expect(await run(`map x 2> ${full}`)).to.deep.equal({ status: 0, stderr: '' });
  });

  describe('ends at Ctrl-C within a second', () => {
    // The fuel of one such sum is good for many seconds.
    const terms = Array.from({ length: 40 }, (_, i) => `(1e300 - i*x) % (i + ${i})`).join(' + ');
    const long = `sum(i, 1, 1e9, ${terms})`;
    const cases: readonly (readonly [name: string, args: readonly string[], input: string])[] = [
      ['a call', ['eval', long, 'x=2'], ''],
      ['a curve', ['plot', long, '0', '1'], ''],
      ['a table', ['map', long], `x\n${'1.5\n'.repeat(10_000)}`],
      ['the filter of a table', ['map', 'x', '--filter', `${long} > 0`], `x\n${'1.5\n'.repeat(10_000)}`],
      ['lines from a pipe', [], `let x = 3\n${long}\n`],
    ];
    for (const options of [[], ['--no-addons']]) {
      for (const [name, args, input] of cases) {
        it(`${name}${options.length > 0 ? ', as WebAssembly' : ''}`, async () => {
          const child = spawn(process.execPath, [...options, cli, ...args]);
          child.stdin.end(input);
          child.stdout.resume();
          const closed = new Promise<unknown>((resolve) => {
            child.once('close', (code, signal) => resolve(code ?? signal));
          });
          // Long enough that it is computing, also on a busy machine.
          await new Promise((resolve) => setTimeout(resolve, 1000));
          expect(child.exitCode).to.equal(null);
          const start = performance.now();
          child.kill('SIGINT');
          const ending = await Promise.race([
            closed,
            new Promise((resolve) => setTimeout(() => resolve('late'), 10_000)),
          ]);
          child.kill('SIGKILL');
          expect(ending).to.be.oneOf([130, 'SIGINT']);
          expect(performance.now() - start).to.be.lessThan(1000);
        });
      }
    }
  });
});
