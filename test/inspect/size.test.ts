import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

describe("the inspector's page", () => {
  it('is of less than 150 kB, whatever it shows', () => {
    const folder = fileURLToPath(new URL('../../dist/inspect/', import.meta.url));
    const files = readdirSync(folder);
    expect(files.sort()).to.deep.equal(['index.html', 'main.js', 'page.css']);
    const size = files.reduce((sum, name) => sum + statSync(folder + name).size, 0);
    expect(size).to.be.within(1, 150_000);
  });
});
