export function formatBytes(size: number): string {
  if (size < 1024) return `${Math.round(size)} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

/** Milliseconds in the unit that people would say. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** How long ago something was; null is before anyone looked. */
export function formatAge(time: number, born: number | null): string {
  return born === null ? '–' : formatDuration(time - born);
}

export function formatCalls(calls: number | null): string {
  return calls === null ? '–' : calls.toLocaleString('en');
}

/** A number in few characters. */
export function formatCount(count: number): string {
  return count.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 });
}

export function formatAddress(address: number): string {
  return `0x${address.toString(16)}`;
}

export function formatShare(share: number): string {
  return `${Math.round(100 * share)} %`;
}
