// Short notes at the edge of the screen, read aloud politely.

export interface Toast {
  id: number;
  text: string;
  kind: 'note' | 'error';
  action?: { label: string; run: () => void };
}

const shown_ms = 4500;
const error_shown_ms = 8000;
/** Something to decide takes longer to read and to reach. */
const action_shown_ms = 10_000;
const toasts_max = 3;

class Toasts {
  list = $state<Toast[]>([]);
  #last = 0;

  add(text: string, options: { kind?: Toast['kind']; action?: Toast['action'] } = {}): void {
    const kind = options.kind ?? 'note';
    const id = ++this.#last;
    const toast: Toast = { id, text, kind, ...(options.action ? { action: options.action } : {}) };
    this.list = [...this.list.filter((other) => other.text !== text), toast].slice(-toasts_max);
    setTimeout(() => this.drop(id), toast.action ? action_shown_ms : kind === 'error' ? error_shown_ms : shown_ms);
  }

  error(text: string): void {
    this.add(text, { kind: 'error' });
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
