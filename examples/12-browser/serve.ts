/**
 * Bundles the page with esbuild, as it comes, and serves it to this machine. Its policy allows WebAssembly and no `eval`: text that users type
 * becomes code all the same.
 *
 *     node --import=tsx examples/12-browser/serve.ts [port]
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';

const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'";

/** Serves the page; gives the server and its address. */
export async function servePage(port: number): Promise<{ server: Server; url: string }> {
  const read = (name: string) => readFile(new URL(name, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [new URL('main.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const files = new Map<string, readonly [type: string, content: Uint8Array]>([
    ['/', ['text/html', await read('index.html')]],
    ['/page.css', ['text/css', await read('page.css')]],
    ['/main.js', ['text/javascript', outputFiles[0]?.contents ?? new Uint8Array()]],
  ]);
  const server = createServer(({ url = '/' }, response) => {
    const found = files.get(url);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    const [type, content] = found;
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

if (import.meta.filename === process.argv[1]) {
  const { url } = await servePage(Number(process.argv[2] ?? 8080));
  console.log(url);
}
