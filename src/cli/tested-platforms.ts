/** Whether exprjit is tested on such machines, as docs/platforms.md says. */
export function isTestedPlatform(platform: string, architecture: string): boolean {
  return architecture === 'x64' && (platform === 'linux' || platform === 'win32');
}
