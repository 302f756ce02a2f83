import { CommandFailure } from '../command.ts';

/** What needs the package `apache-arrow`, which need not be there. Rejects with CommandFailure where it is not. */
export async function loadArrow(): Promise<typeof import('./arrow-table.ts')> {
  try {
    return await import('./arrow-table.ts');
  } catch (error) {
    const isMissing =
      error instanceof Error &&
      'code' in error &&
      String(error.code).endsWith('MODULE_NOT_FOUND') &&
      error.message.includes('apache-arrow');
    if (!isMissing) throw error;
    throw new CommandFailure('Arrow takes the package apache-arrow: npm install apache-arrow');
  }
}
