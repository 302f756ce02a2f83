/** Whether machine code is tested on an operating system, as docs/platforms.md says. */
export function isTestedPlatform(platform: string): boolean {
  return platform === 'linux' || platform === 'win32';
}
