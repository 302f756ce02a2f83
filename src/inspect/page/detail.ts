import type { EngineModel } from '../engine-model.ts';
import { sourcePieces } from '../picture/source-pieces.ts';
import type { CodeForm, FunctionDetail } from '../snapshot.ts';
import { fetchDetail } from './api.ts';
import { CodePane, type Lit, lineElement } from './code-pane.ts';
import { create, element } from './dom.ts';

/** One function: its source, IR and machine code side by side, of which lines light up that belong together. */
export class Detail {
  readonly #section = element('detail');
  readonly #body = element('detail-body');
  readonly #tabs = element('forms');
  readonly #onClose: () => void;
  #shown: FunctionDetail | undefined;
  #form = 0;
  /** Which answer is waited for. */
  #request = 0;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
    element('close-detail').addEventListener('click', () => this.close());
    this.#tabs.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (step !== 0) this.#showForm(this.#form + step, true);
    });
  }

  get isOpen(): boolean {
    return this.#section.classList.contains('open');
  }

  /** Shows a function of an engine, and comes into view where the page is too narrow to show it beside the others. */
  async open({ id: engine }: EngineModel, id: number): Promise<void> {
    const request = ++this.#request;
    const detail = await fetchDetail(engine, id).catch(() => undefined);
    // Something else was clicked meanwhile, or this was closed.
    if (request !== this.#request) return;
    this.#section.classList.add('open');
    if (detail === null || detail === undefined) {
      this.#shown = undefined;
      this.#tabs.replaceChildren();
      const reason =
        detail === null ? 'This function was released.' : 'No answer: the process may have ended.';
      this.#body.replaceChildren(create('p', reason, 'hint'));
    } else {
      this.#shown = detail;
      this.#form = 0;
      this.#showTabs(detail);
      this.#showForm(0, false);
    }
    if (getComputedStyle(this.#section).position === 'fixed') element('close-detail').focus();
  }

  close(): void {
    this.#request++;
    if (!this.isOpen) return;
    this.#section.classList.remove('open');
    this.#shown = undefined;
    this.#tabs.replaceChildren();
    this.#body.replaceChildren(create('p', 'Click a function, on the map or in the list.', 'hint'));
    this.#onClose();
  }

  #showTabs({ forms }: FunctionDetail): void {
    const tabs = forms.map(({ label }, index) => {
      const tab = create('button', label);
      tab.type = 'button';
      tab.setAttribute('role', 'tab');
      tab.addEventListener('click', () => this.#showForm(index, true));
      return tab;
    });
    this.#tabs.replaceChildren(...(tabs.length > 1 ? tabs : []));
    this.#tabs.hidden = tabs.length < 2;
  }

  #showForm(index: number, focus: boolean): void {
    const form = this.#shown?.forms[index];
    if (this.#shown === undefined || form === undefined) return;
    this.#form = index;
    [...this.#tabs.querySelectorAll('button')].forEach((tab, at) => {
      tab.setAttribute('aria-selected', String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
      if (focus && at === index) tab.focus();
    });
    this.#body.replaceChildren(...panesOf(this.#shown.source, form));
  }
}

function panesOf(source: string, form: CodeForm): HTMLElement[] {
  const panes: CodePane[] = [];
  const look = (line: Lit | undefined, fromSource: boolean): void => {
    const isLit = line === undefined ? () => false : lightOf(line, fromSource, form);
    for (const pane of panes) pane.light(isLit);
  };
  const pieces = sourcePieces(source, [...form.ir, ...form.code]);
  const made = pieces.map(({ text }) => create('span', text, 'piece'));
  panes.push(
    new CodePane(
      'source',
      pieces.map(({ span }) => ({ value: null, span })),
      made,
      (line) => look(line, true),
    ),
    new CodePane('IR', form.ir, form.ir.map(lineElement), (line) => look(line, false)),
  );
  if (form.code.length > 0) {
    panes.push(
      new CodePane('machine code', form.code, form.code.map(lineElement), (line) => look(line, false)),
    );
  }
  return panes.map((pane) => {
    const part = create('div', '', 'part');
    part.append(create('h3', pane.element.ariaLabel ?? ''), pane.element);
    return part;
  });
}

/** What lights up with a line: the lines of the same value, and the stretch of the source that this comes from. */
function lightOf({ value, span }: Lit, fromSource: boolean, form: CodeForm): (line: Lit) => boolean {
  const place = span ?? form.ir.find((line) => value !== null && line.value === value)?.span ?? null;
  if (fromSource) {
    return place === null ? () => false : (line) => isWithin(line.span, place);
  }
  return (line) =>
    line.value === null
      ? place !== null && isWithin(line.span, place)
      : value !== null && line.value === value;
}

function isWithin(inner: Lit['span'], outer: readonly [number, number]): boolean {
  return inner !== null && inner[0] >= outer[0] && inner[1] <= outer[1];
}
