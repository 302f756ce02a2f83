import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Request {
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  readonly text: RegExp;
}

/** What strangers send: right, wrong and hostile. */
const requests: readonly Request[] = [
  { query: { formula: 'x^2 + y', x: '3', y: '4' }, status: 200, text: /^13\n$/ },
  { query: { formula: 'sum(i, 1, n, i)', n: '1000' }, status: 200, text: /^500500\n$/ },
  { query: { formula: 'sqrt(a) > 2', a: '9' }, status: 200, text: /^1\n$/ },
  { query: { formula: 'x', x: 'nonsense' }, status: 200, text: /^NaN\n$/ },
  { query: { formula: '__proto__ + 1', __proto__x: '1' }, status: 400, text: /__proto__/ },
  { query: { formula: 'x +', x: '1' }, status: 400, text: /1 \| x \+/ },
  { query: { formula: 'sqr(x)', x: '1' }, status: 400, text: /did you mean `sqrt`/ },
  { query: { formula: 'process.exit(1)' }, status: 400, text: /1 \| process\.exit\(1\)/ },
  { query: { formula: 'x', 'not a name': '1' }, status: 400, text: /not a name/ },
  { query: { formula: 'constructor("return this")()' }, status: 400, text: /error/ },
  { query: { formula: `${'('.repeat(900)}1` }, status: 400, text: /error/ },
  { query: { formula: `1${'+1'.repeat(2000)}` }, status: 400, text: /error/ },
  { query: { formula: '-x*'.repeat(330).concat('x'), x: '1' }, status: 400, text: /error/ },
  { query: { formula: 'sum(i, 1, 1e15, i)' }, status: 422, text: /fuel/ },
  { query: { formula: 'f(n) = f(n + 1) + 1; f(0)' }, status: 422, text: /fuel|stack/ },
  { query: { formula: 'f(n) = f(n); f(0)' }, status: 422, text: /fuel/ },
  { query: {}, status: 404, text: /formula/ },
];

describe('the server example', function () {
  this.timeout(60_000);
  let server: ChildProcess;
  let url: string;
  let output = '';

  before(async () => {
    server = spawn(process.execPath, ['--import=tsx', 'examples/06-server/main.ts', '0'], { cwd: root });
    url = await new Promise((resolve, reject) => {
      server.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('\n')) resolve(output.trim());
      });
      server.once('close', () => reject(new Error('the server ended')));
    });
  });
  after(() => server.kill());

  async function send({ query, status, text }: Request): Promise<void> {
    const response = await fetch(`${url}?${new URLSearchParams(query)}`);
    const about = JSON.stringify(query).slice(0, 100);
    expect(await response.text(), about).to.match(text);
    expect(response.status, about).to.equal(status);
  }

  for (const request of requests) {
    it(`answers ${request.status} to ${JSON.stringify(request.query).slice(0, 60)}`, () => send(request));
  }

  it('serves the good while the hostile knock', async () => {
    const clients = 8;
    const each = 80;
    const work = async (client: number) => {
      for (let i = 0; i < each; i++) {
        const known = requests[(client + i) % requests.length];
        if (known !== undefined && i % 2 === 0) await send(known);
        const x = client * each + i;
        await send({
          query: { formula: `x * 2 + ${i}`, x: `${x}` },
          status: 200,
          text: new RegExp(`^${2 * x + i}\n$`),
        });
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  });

  it('has kept compiled formulas only within bounds', async () => {
    const closed = once(server, 'close');
    server.kill('SIGTERM');
    const [status] = await closed;
    expect(status).to.equal(0);
    const [, compiled, hits, alive, bytes] =
      /(\d+) compiled, (\d+) cache hits, (\d+) alive, (\d+) bytes/.exec(output)?.map(Number) ?? [];
    expect(compiled).to.be.within(80, 120);
    expect(hits).to.be.greaterThan(500);
    expect(alive).to.equal(0);
    expect(bytes).to.be.lessThan(1000 * 64 * 1024);
  });
});
