import type { Environment } from '../../lang/environment.ts';
import { Workspace, type WorkspaceEngine } from './workspace.ts';

export function openWorkspace(environment: Environment, engine: WorkspaceEngine): Workspace {
  return new Workspace(environment, engine);
}
