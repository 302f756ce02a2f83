import { CommandFailure, isCommandFailure } from '../command.ts';

/** Arrow's bytes are not what they should be. */
export function unreadable(reason: string): CommandFailure {
  return new CommandFailure(`the Arrow input cannot be read: ${reason}`);
}

/** What a task gives. The library throws errors of all kinds for bytes that make no sense, and these are no fault of the program. */
export async function reading<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (isCommandFailure(error) || error.name === 'AbortError' || 'syscall' in error) throw error;
    const [reason = ''] = error.message.split('\n', 1);
    throw unreadable(`it is cut off or damaged (${reason})`);
  }
}
