import { elementAt, lastOf } from './element.ts';

/**
 * The strongly connected components of a graph whose nodes are numbered from 0, each after those that it leads to: Tarjan's algorithm
 * ("Depth-first search and linear graph algorithms", 1972), iteratively.
 *
 * @param successors By node, those that it leads to.
 */
export function componentsOf(successors: readonly (readonly number[])[]): number[][] {
  const count = successors.length;
  const visit = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const progress = new Int32Array(count);
  const open = new Uint8Array(count);
  const component: number[] = [];
  const components: number[][] = [];
  let clock = 0;
  for (let root = 0; root < count; root++) {
    if ((visit[root] as number) >= 0) continue;
    const path = [root];
    while (path.length > 0) {
      const node = lastOf(path);
      if ((visit[node] as number) < 0) {
        visit[node] = low[node] = clock++;
        open[node] = 1;
        component.push(node);
      }
      const next = elementAt(successors, node).at(progress[node] as number);
      if (next !== undefined) {
        progress[node] = (progress[node] as number) + 1;
        if ((visit[next] as number) < 0) path.push(next);
        else if (open[next] === 1) low[node] = Math.min(low[node] as number, visit[next] as number);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) low[before] = Math.min(low[before] as number, low[node] as number);
      if (low[node] !== visit[node]) continue;
      const members = component.splice(component.lastIndexOf(node));
      for (const member of members) open[member] = 0;
      components.push(members);
    }
  }
  return components;
}

/** Whether the nodes of a component can come back to themselves. */
export function isCycle(members: readonly number[], successors: readonly (readonly number[])[]): boolean {
  const first = elementAt(members, 0);
  return members.length > 1 || elementAt(successors, first).includes(first);
}
