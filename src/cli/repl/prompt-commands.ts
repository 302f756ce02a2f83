/** Commands that the prompt itself follows; they work on no session. */
export const promptCommands = [
  { name: '.editor', usage: '', summary: 'take several lines until Ctrl-D, and run them as one program' },
  { name: '.exit', usage: '', summary: 'leave' },
] as const;

/** Whether a line is for a command: `.5 + x` is not. */
export function isCommandLine(line: string): boolean {
  return /^\s*\.[A-Za-z]/.test(line);
}

/** Whether a line is one of those commands. */
export function isPromptCommand(name: (typeof promptCommands)[number]['name'], line: string): boolean {
  return line.trim() === name;
}
