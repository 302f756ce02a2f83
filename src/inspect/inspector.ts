import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { codeUrl } from '../support/code-url.ts';
import { describeValue } from '../support/describe-value.ts';
import { invariant } from '../support/invariant.ts';
import { optionNames, readOptions } from '../support/options.ts';
import { packageRoot } from '../support/package-root.ts';
import type { InspectSource, NamedUpdate } from './snapshot.ts';

/** The page's files, in `dist/inspect`. */
const assets: ReadonlyMap<string, string> = new Map([
  ['index.html', 'text/html; charset=utf-8'],
  ['page.css', 'text/css; charset=utf-8'],
  ['main.js', 'text/javascript; charset=utf-8'],
]);

const host = '127.0.0.1';

const compress = promisify(gzip);

/** Bytes from which a body is worth compressing: about what goes in one packet. */
const leastToCompress = 1400;

/** Connections that may be open: far more than the pages of one user need. */
const mostConnections = 256;

/** Connections that may be open without having shown the token; the oldest makes room for the next. */
const mostStrangers = 64;

/** Milliseconds that a connection may be silent, and that a request may take to arrive. A page asks twice a second. */
const patience = 5000;

/** Where the page is served. */
export interface InspectorOptions {
  /** 0 to 65535; by default 0, which is any free one. */
  readonly port?: number;
}

const inspectorOptions = optionNames<InspectorOptions>({ port: true });

/**
 * A web page that shows what sources tell, on this machine only.
 *
 * The server listens on the loopback interface, the address carries a random token without which every
 * request is refused, and a request must name the loopback address as its host, so that no web page elsewhere
 * can read it by rebinding a name. It only answers GET and changes nothing. It does not keep the process alive.
 * Connections that are silent or do not show the token are few and short, so nobody can take it or the process's
 * file descriptors up by connecting.
 */
export class Inspector implements AsyncDisposable {
  /** The page's address, token included. */
  readonly url: string;
  readonly #server: Server;
  readonly #onClose: () => void;

  private constructor(server: Server, url: string, onClose: () => void) {
    this.#server = server;
    this.#onClose = onClose;
    this.url = url;
  }

  /**
   * Listens and returns once the page can be opened. `sources` is asked at every request, so sources may come
   * and go. Rejects with a `RangeError` if the port is none, and with the system's error if it is taken.
   *
   * @internal
   */
  static async open(
    sources: () => readonly InspectSource[],
    options?: InspectorOptions,
    onClose: () => void = () => {},
  ): Promise<Inspector> {
    const { port = 0 } = readOptions<InspectorOptions>(options, inspectorOptions);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new RangeError(`port must be an integer from 0 to 65535, not ${describeValue(port)}`);
    }
    const token = randomBytes(16).toString('hex');
    const door = new Door();
    const timing = { headersTimeout: patience, requestTimeout: patience, connectionsCheckingInterval: 1000 };
    const server = createServer(timing, (request, response) => {
      answer(request, response, token, sources, door).catch((error: unknown) => {
        respond(response, 500, 'text/plain; charset=utf-8', String(error));
      });
    });
    server.maxConnections = mostConnections;
    server.setTimeout(patience);
    server.on('connection', (socket) => door.enter(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    server.unref();
    const address = server.address();
    invariant(typeof address === 'object' && address !== null, 'a listening server has an address');
    return new Inspector(server, `http://${host}:${address.port}/${token}/`, onClose);
  }

  /** Stops listening and cuts open connections. Does nothing the second time. */
  async close(): Promise<void> {
    this.#onClose();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** As {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Keeps count of the connections that have not shown the token. */
class Door {
  readonly #strangers = new Set<Socket>();

  enter(socket: Socket): void {
    socket.unref();
    this.#strangers.add(socket);
    socket.once('close', () => this.#strangers.delete(socket));
    if (this.#strangers.size <= mostStrangers) return;
    const [oldest] = this.#strangers;
    this.#strangers.delete(oldest as Socket);
    oldest?.destroy();
  }

  /** Takes a connection for one that may stay. */
  admit(socket: Socket): void {
    this.#strangers.delete(socket);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  sources: () => readonly InspectSource[],
  door: Door,
): Promise<void> {
  const [address = '', parameters = ''] = (request.url ?? '').split('?', 2);
  const [, given = '', ...path] = address.split('/');
  if (!isLoopback(request.headers.host) || !sameToken(given, token)) {
    response.shouldKeepAlive = false;
    respond(
      response,
      403,
      'text/plain; charset=utf-8',
      'The address lacks the token that was printed with it.',
    );
    return;
  }
  door.admit(request.socket);
  if (request.method !== 'GET') {
    // What else comes with the request is not read.
    response.shouldKeepAlive = false;
    respond(response, 405, 'text/plain; charset=utf-8', 'GET only');
    return;
  }
  const resource = path.join('/') || 'index.html';
  const type = assets.get(resource);
  if (type !== undefined) {
    const file = await readFile(join(packageRoot(codeUrl()), 'dist', 'inspect', resource));
    await respondCompressed(request, response, type, file);
    return;
  }
  const body = query(path, parameters, sources());
  if (body === undefined) respond(response, 404, 'text/plain; charset=utf-8', 'no such thing');
  else await respondCompressed(request, response, 'application/json', Buffer.from(JSON.stringify(body)));
}

/**
 * `snapshot` lists all sources, and `snapshot?since=<id of a source>.<revision>,…` of these what changed since;
 * `function/<id of a source>/<id>` is one function, or null if it is gone.
 */
function query(path: readonly string[], parameters: string, sources: readonly InspectSource[]): unknown {
  if (path.length === 1 && path[0] === 'snapshot') {
    const revisions = revisionsIn(parameters);
    return sources.flatMap((source): readonly NamedUpdate[] => {
      const update = source.update(revisions.get(source.id));
      return update === undefined ? [] : [{ id: source.id, name: source.name, ...update }];
    });
  }
  if (path.length === 3 && path[0] === 'function') {
    return sources.find(({ id }) => String(id) === path[1])?.detail(Number(path[2])) ?? null;
  }
  return undefined;
}

/** By id of a source; what is no revision is left out, so that a page gets everything. */
function revisionsIn(parameters: string): ReadonlyMap<number, number> {
  const list = new URLSearchParams(parameters).get('since') ?? '';
  return new Map(
    Array.from(list.matchAll(/(?<=^|,)(\d{1,15})\.(\d{1,15})(?=,|$)/g), ([, id, revision]) => [
      Number(id),
      Number(revision),
    ]),
  );
}

function isLoopback(name: string | undefined): boolean {
  return name !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(name);
}

function sameToken(given: string, token: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(token);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Compressed where the client can read that, on a thread of its own, and quickly rather than well: it goes to this machine only. */
async function respondCompressed(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  body: Buffer,
): Promise<void> {
  const accepted = String(request.headers['accept-encoding'] ?? '').split(/\s*,\s*/);
  if (body.length < leastToCompress || !accepted.includes('gzip')) {
    respond(response, 200, type, body);
    return;
  }
  const compressed = await compress(body, { level: constants.Z_BEST_SPEED });
  response.setHeader('content-encoding', 'gzip');
  respond(response, 200, type, compressed);
}

function respond(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    'content-type': type,
    vary: 'accept-encoding',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy':
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(body);
}
