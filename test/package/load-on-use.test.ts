import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { runNode } from '../support/run-node.ts';

const doors = ['index', 'ir', 'jit', 'mem'] as const;
const urlOf = (door: string) => new URL(`../../dist/${door}.js`, import.meta.url).href;

/** What is in the files of the package that Node has loaded, at each `loaded()` of the program. */
async function codeLoadedBy(program: string): Promise<string[]> {
  const source = `
    import { createRequire } from 'node:module';
    const { cache } = createRequire(import.meta.url);
    const loaded = () => console.log(JSON.stringify(Object.keys(cache)));
    ${program}`;
  const { stderr, stdout } = await runNode(['--input-type=module', '--eval', source]);
  expect(stderr).to.equal('');
  return stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as string[]).map((file) => readFileSync(file, 'latin1')).join('\n'));
}

const parts = ['EmbeddedActionsParser', 'Assembler', 'JitAllocator', 'KernelSet', 'WasmBackend', 'Inspector'];

/** Names of classes that are defined in it. */
function definedIn(code: string | undefined, names: readonly string[]): string[] {
  return names.filter((name) => new RegExp(`\\bclass ${name}\\b|\\b${name}=class\\b`).test(code ?? ''));
}

describe('what the package loads', () => {
  it('is the interface at first, and the compiler with the first formula', async () => {
    const [imported, compiled] = await codeLoadedBy(`
      const { compile } = await import(${JSON.stringify(urlOf('index'))});
      loaded();
      compile('x + 1', ['x'])(1);
      loaded();`);
    expect(definedIn(imported, ['Engine', 'CompileError', ...parts])).to.deep.equal([
      'Engine',
      'CompileError',
    ]);
    expect(imported).to.have.length.below(42_000);
    // The inspector has to be asked for.
    expect(definedIn(compiled, parts)).to.deep.equal(parts.slice(0, -1));
  });

  it('is whole, also where a script was ended while it loaded', async () => {
    const { stderr, stdout } = await runNode([
      '--input-type=module',
      '--eval',
      `
      // Node's own modules stay half loaded where a script is ended in them.
      import 'node:tty';
      import { runInNewContext } from 'node:vm';
      import { compile } from ${JSON.stringify(urlOf('index'))};
      let ended = 0;
      for (let timeout = 1; timeout < 100; timeout++) {
        try {
          runInNewContext('compile("x + 1")', { compile }, { timeout });
        } catch (error) {
          if (error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
          ended++;
        }
      }
      console.log(ended > 0, compile('x + 1')(2));`,
    ]);
    expect(stderr + stdout).to.equal('true 3\n');
  });

  it('is no parser for those who make code or memory', async () => {
    const [code] = await codeLoadedBy(`
      await import(${JSON.stringify(urlOf('jit'))});
      await import(${JSON.stringify(urlOf('mem'))});
      loaded();`);
    expect(definedIn(code, parts)).to.deep.equal(['Assembler', 'JitAllocator']);
  });

  it('is the same by the doors for bundlers, and the same that others have', async () => {
    for (const door of doors) {
      const [ours, bundlers] = await Promise.all(
        [door, `bundlers/${door}`].map(
          async (each) => (await import(urlOf(each))) as Record<string, unknown>,
        ),
      );
      expect(Object.keys(bundlers ?? {}).length).to.be.above(0);
      expect({ ...bundlers }).to.deep.equal({ ...ours });
    }
  });
});
