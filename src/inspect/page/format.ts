export function formatBytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

/** How long ago something was, in milliseconds and in the unit that people would say; null is before anyone looked. */
export function formatAge(time: number, born: number | null): string {
  if (born === null) return '–';
  const seconds = (time - born) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function formatCalls(calls: number | null): string {
  return calls === null ? '–' : calls.toLocaleString('en');
}

export function formatAddress(address: number): string {
  return `0x${address.toString(16)}`;
}

/** A colour of a function's own, the same at every draw. */
export function colourOf(id: number): string {
  const goldenAngle = 137.508;
  return `hsl(${(id * goldenAngle) % 360} 55% 55%)`;
}
