import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { runNode } from '../support/run-node.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const permissionFlag = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

const program = `
  import { Engine, hostReport, compile } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
  const engine = new Engine();
  const { backend, fallbackReason } = engine.statistics();
  const value = engine.compile('x + 1', ['x'])(2) + compile('y', ['y'])(3);
  let thrown;
  try {
    new Engine({ backend: 'native' }).dispose();
  } catch ({ name, code }) {
    thrown = { name, code };
  }
  const { addon, cpu } = hostReport();
  const report = { file: addon.file !== undefined, error: addon.error, cpu: cpu !== undefined };
  console.log(JSON.stringify({ backend, fallbackReason, value, thrown, report }));
`;

async function runWith(flags: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await runNode([
    permissionFlag,
    ...flags,
    '--input-type=module',
    '--eval',
    program,
  ]);
  expect(stdout, stderr).not.to.equal('');
  return JSON.parse(stdout);
}

describe("under Node's permission model", () => {
  const everything = `--allow-fs-read=${root}*`;
  const dist = `--allow-fs-read=${root}dist/*`;

  it('code runs natively where addons and reading the package are allowed', async () => {
    requireAddon();
    expect(await runWith(['--allow-addons', everything])).to.deep.include({
      backend: 'native',
      value: 6,
      report: { file: true, cpu: true },
    });
  });

  for (const [name, flags] of [
    ['addons are not allowed', [everything]],
    ['no addons, and only dist may be read', [dist]],
    ['only dist may be read', ['--allow-addons', dist]],
  ] as const) {
    it(`code is WebAssembly, and the engine says why, where ${name}`, async () => {
      requireAddon();
      const { backend, fallbackReason, value, thrown, report } = await runWith(flags);
      expect({ backend, value }).to.deep.equal({ backend: 'wasm', value: 6 });
      expect(fallbackReason).to.include("Node's permission model").and.include('--allow-addons');
      expect(thrown).to.deep.equal({ name: 'NativeUnavailableError', code: 'E_NATIVE_LOAD_FAILED' });
      expect(report).to.deep.equal({ file: false, error: fallbackReason, cpu: false });
    });
  }

  for (const flags of [[dist], ['--allow-addons', everything]]) {
    it(`the command line works with ${flags.join(' ').replaceAll(root, '')}`, async () => {
      const cli = `${root}dist/cli.cjs`;
      const evaluated = await runNode([permissionFlag, ...flags, cli, 'eval', '1 + 1']);
      expect(evaluated.stdout, evaluated.stderr).to.equal('2\n');
      const doctor = await runNode([permissionFlag, ...flags, cli, 'doctor']);
      expect(doctor.stdout, doctor.stderr).to.include(process.version);
      expect(doctor.stderr).not.to.include('ERR_ACCESS_DENIED');
    });
  }
});
