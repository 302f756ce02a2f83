import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Inspector } from '../../src/inspect/inspector.ts';
import type { FunctionDetail, InspectSource, NamedUpdate, Update } from '../../src/inspect/snapshot.ts';

const update: Update = {
  revision: 4,
  whole: true,
  time: 1000,
  backend: 'native, avx2',
  memory: { blockCount: 1, allocationCount: 1, usedSize: 64, reservedSize: 65536, overheadSize: 100 },
  counters: { compiled: 3, released: 2, kernels: 0, cached: 0 },
  blockAddresses: [0x7f0000000000],
  blocks: [{ address: 0x7f0000000000, size: 65536, granularity: 64, runs: [64, 64] }],
  added: {
    ids: [3],
    kinds: [0],
    names: ['x+1'],
    addresses: [0x7f0000000040],
    sizes: [40],
    born: [10],
    calls: [5],
    owners: [null],
  },
  calls: [],
  removed: [],
};
const detail: FunctionDetail = { id: 3, source: 'x+1', forms: [] };

function source(id: number): InspectSource {
  return {
    id,
    name: `engine ${id}`,
    update: () => update,
    detail: (fn) => (fn === 3 ? detail : undefined),
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** `fetch` sets the host itself, so it cannot lie about it. */
function request(url: string, options: { host?: string; method?: string } = {}): Promise<Answer> {
  const { host, method = 'GET' } = options;
  return new Promise((resolve, reject) => {
    get(url, { method, headers: host === undefined ? {} : { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, type: response.headers['content-type'], body }),
      );
    }).on('error', reject);
  });
}

/** Waits for something that has no event of its own; the test's timeout is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

describe('Inspector', () => {
  let sources: InspectSource[];
  let inspector: Inspector;
  beforeEach(async () => {
    sources = [source(1), source(7)];
    inspector = await Inspector.open(() => sources);
  });
  afterEach(() => inspector.close());

  it('serves its page and what the page needs', async () => {
    for (const [resource, type] of [
      ['', 'text/html'],
      ['main.js', 'text/javascript'],
      ['page.css', 'text/css'],
    ] as const) {
      const { status, type: given, body } = await request(inspector.url + resource);
      expect(status).to.equal(200);
      expect(given).to.include(type);
      expect(body.length).to.be.greaterThan(1000);
    }
  });

  it('tells what the sources tell, as they come and go', async () => {
    const list = async () => JSON.parse((await request(`${inspector.url}snapshot`)).body) as NamedUpdate[];
    expect(await list()).to.deep.equal([
      { id: 1, name: 'engine 1', ...update },
      { id: 7, name: 'engine 7', ...update },
    ]);
    sources.shift();
    expect((await list()).map(({ id }) => id)).to.deep.equal([7]);
    sources[0] = { ...source(7), update: () => undefined };
    expect(await list()).to.deep.equal([]);
  });

  it('asks each source for what changed since the revision that the page has', async () => {
    const asked: [number, number | undefined][] = [];
    sources = [1, 7].map((id) => ({
      ...source(id),
      update: (since) => {
        asked.push([id, since]);
        return update;
      },
    }));
    for (const since of [
      '',
      '?since=7.12',
      '?since=1.3,7.12',
      '?since=1.3;7.12',
      '?since=1.3&since=7.4',
      '?x=1.1',
    ]) {
      await request(`${inspector.url}snapshot${since}`);
    }
    expect(asked.map(([id, since]) => `${id} ${since}`)).to.deep.equal([
      ...['1 undefined', '7 undefined'],
      ...['1 undefined', '7 12'],
      ...['1 3', '7 12'],
      ...['1 undefined', '7 undefined'],
      ...['1 3', '7 undefined'],
      ...['1 undefined', '7 undefined'],
    ]);
  });

  it('compresses what is long for whoever can read that', async () => {
    sources = [{ ...source(1), name: 'a name'.repeat(1000) }];
    const raw = async (encoding: string | undefined) => {
      const headers = encoding === undefined ? {} : { 'accept-encoding': encoding };
      const asked = get(`${inspector.url}snapshot`, { headers });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const body = await buffer(response);
      return { encoding: response.headers['content-encoding'], body };
    };
    const plain = await raw(undefined);
    expect(plain.encoding).to.equal(undefined);
    expect((await raw('br, identity')).encoding).to.equal(undefined);
    const compressed = await raw('deflate, gzip');
    expect(compressed.encoding).to.equal('gzip');
    expect(compressed.body.length).to.be.lessThan(plain.body.length / 4);
    expect(gunzipSync(compressed.body).equals(plain.body)).to.equal(true);
    sources = [];
    expect((await raw('gzip')).encoding, 'of two bytes').to.equal(undefined);
  });

  it('shows one function of one source', async () => {
    expect(JSON.parse((await request(`${inspector.url}function/7/3`)).body)).to.deep.equal(detail);
    for (const gone of ['function/7/4', 'function/2/3', 'function/x/3']) {
      expect((await request(inspector.url + gone)).body, gone).to.equal('null');
    }
    for (const missing of ['function/7', 'nothing']) {
      expect((await request(inspector.url + missing)).status, missing).to.equal(404);
    }
  });

  it('refuses whoever has not the token', async () => {
    const { origin } = new URL(inspector.url);
    const wrong = inspector.url.replace(/.\/$/, (end) => (end === '0/' ? '1/' : '0/'));
    for (const url of [origin, `${origin}/snapshot`, `${origin}//snapshot`, wrong, `${wrong}snapshot`]) {
      expect(await request(url), url).to.include({ status: 403 });
    }
  });

  it('refuses requests for another host, whatever it resolves to', async () => {
    for (const host of ['example.com', '127.0.0.1.example.com', 'localhost.example.com', '0.0.0.0']) {
      expect((await request(inspector.url, { host })).status, host).to.equal(403);
    }
    for (const host of ['localhost', 'localhost:80', '[::1]']) {
      expect((await request(inspector.url, { host })).status, host).to.equal(200);
    }
  });

  it('only answers questions', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await request(`${inspector.url}snapshot`, { method })).status, method).to.equal(405);
    }
  });

  it('is not reachable from other machines', async () => {
    const port = Number(new URL(inspector.url).port);
    const outward = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outward) {
      const refused = await new Promise<boolean>((resolve) => {
        const socket = connect(port, address, () => resolve(socket.destroyed));
        socket.on('error', () => resolve(true));
      });
      expect(refused, address).to.equal(true);
    }
  });

  it('reports a source that fails and goes on', async () => {
    const working = sources;
    const failing = {
      ...source(1),
      update: () => {
        throw new Error('no statistics today');
      },
    };
    sources = [failing];
    expect(await request(`${inspector.url}snapshot`)).to.include({
      status: 500,
      body: 'Error: no statistics today',
    });
    sources = working;
    expect((await request(`${inspector.url}snapshot`)).status).to.equal(200);
  });

  it('answers while thousands of connections are silent, and keeps few of them', async function () {
    this.timeout(60_000);
    const { port, hostname } = new URL(inspector.url);
    const silent: Socket[] = [];
    for (let i = 0; i < 2000; i++) {
      const socket = connect(Number(port), hostname).on('error', () => {});
      silent.push(socket);
      if (i % 100 === 99) {
        await once(socket, 'connect');
        expect((await request(`${inspector.url}snapshot`)).status).to.equal(200);
      }
    }
    await until(() => silent.filter((socket) => !socket.destroyed).length <= 64);
    // These are cut after a while, too.
    await until(() => silent.every((socket) => socket.destroyed));
    expect((await request(`${inspector.url}snapshot`)).status).to.equal(200);
  });

  it('cuts requests that do not come to an end', async () => {
    const { port, hostname } = new URL(inspector.url);
    const socket = connect(Number(port), hostname).on('error', () => {});
    const dripping = setInterval(() => socket.write('x'), 100);
    socket.write('GET / HTTP/1.1\r\nx: ');
    await once(socket.resume(), 'close').finally(() => clearInterval(dripping));
  });

  it('keeps the connection of a page, but not of whoever has not the token', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const answerOf = async (url: string) => {
        const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
        await once(response.resume(), 'end');
        return { status: response.statusCode, connection: response.headers.connection };
      };
      expect(await answerOf(`${inspector.url}snapshot`)).to.deep.equal({
        status: 200,
        connection: 'keep-alive',
      });
      const { origin } = new URL(inspector.url);
      expect(await answerOf(`${origin}/snapshot`)).to.deep.equal({ status: 403, connection: 'close' });
    } finally {
      agent.destroy();
    }
  });

  it('cuts connections when it closes, also silent ones', async () => {
    const { port, hostname } = new URL(inspector.url);
    const sockets = Array.from({ length: 10 }, () => connect(Number(port), hostname).on('error', () => {}));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    expect((await request(inspector.url)).status).to.equal(200);
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
    await inspector.close();
    await closed;
  });

  it('closes, and can be told so twice', async () => {
    await inspector.close();
    await inspector.close();
    const failure = await request(inspector.url).catch((error: NodeJS.ErrnoException) => error.code);
    expect(failure).to.equal('ECONNREFUSED');
  });

  it('takes only ports', async () => {
    for (const port of [-1, 65536, 1.5, Number.NaN, '80' as unknown as number]) {
      const failure = await Inspector.open(() => [], { port }).catch((error: unknown) => error);
      expect(failure, String(port)).to.be.instanceOf(RangeError);
    }
    const taken = Number(new URL(inspector.url).port);
    const failure = await Inspector.open(() => [], { port: taken }).catch((error: unknown) => error);
    expect(failure).to.include({ code: 'EADDRINUSE' });
  });
});
