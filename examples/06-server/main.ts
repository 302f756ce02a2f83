/**
 * A server that evaluates whatever formula a stranger sends.
 *
 *     node --import=tsx examples/06-server/main.ts 8080
 *     curl 'http://127.0.0.1:8080/?formula=x^2%2By&x=3&y=4'        13
 *
 * A formula sees its own parameters and nothing else, so there is nothing to escape from; what is left to do is to bound
 * what one request may cost.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CompileError, Engine, TrapError } from 'exprjit';

const engine = new Engine({
  // Formulas that come again are not compiled again.
  cache: 1000,
  limits: { length: 1000, nodes: 500, codeSize: 64 * 1024, fuel: 100_000 },
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const { formula, ...values } = Object.fromEntries(searchParams);
  if (request.method !== 'GET' || pathname !== '/' || formula === undefined) {
    send(response, 404, 'GET /?formula=…&name=value…');
    return;
  }
  try {
    send(response, 200, String(evaluate(formula, values)));
  } catch (error) {
    // 400: the formula is wrong, and this is where. 422: it runs for too long. Anything else is our own mistake.
    if (error instanceof CompileError) send(response, 400, error.render());
    else if (error instanceof TrapError) send(response, 422, error.message);
    else if (error instanceof TypeError) send(response, 400, error.message);
    else throw error;
  }
}

function evaluate(formula: string, values: Readonly<Record<string, string>>): number {
  // Leaving this block releases the function; its code stays in the cache.
  using f = engine.compile(formula, Object.keys(values));
  return f(...Object.values(values).map(Number));
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

const server = createServer(answer);
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`http://127.0.0.1:${address.port}/`);
});

// Asked to end, it says what it did.
process.once('SIGTERM', () => {
  server.close(() => {
    const { compileCount, functionCount, cache, memory } = engine.statistics();
    console.log(
      `${compileCount} compiled, ${cache.hits} cache hits, ${functionCount} alive, ${memory.usedSize} bytes`,
    );
  });
  server.closeAllConnections();
});
