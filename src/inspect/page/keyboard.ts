/** What keys do wherever the focus is. */
export interface Shortcuts {
  pause(): void;
  search(): void;
  close(): void;
  zoom(factor: number): void;
}

/** Listens to keys that nothing else on the page has taken. */
export function listenToKeys({ pause, search, close, zoom }: Shortcuts): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    if (key === 'Escape') {
      // First out of the field, then out of the detail.
      if (target instanceof HTMLInputElement && target.value !== '') return;
      close();
      return;
    }
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    const isPressed = target instanceof HTMLButtonElement;
    if (key === 'p' || (key === ' ' && !isPressed)) pause();
    else if (key === '/') search();
    else if (key === '+') zoom(1 / 2);
    else if (key === '-') zoom(2);
    else return;
    event.preventDefault();
  });
}
