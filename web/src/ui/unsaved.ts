// Nothing that somebody wrote is lost without a word: while a form has changes that are not saved, whoever leaves its page is
// asked, and whoever closes the tab by the browser.
import { mount, onMount, unmount } from 'svelte';
import Leave from './Leave.svelte';
import { router } from '../lib/router.svelte';

interface Form {
  changed: () => boolean;
  /** What becomes of it. */
  text: () => string | null;
}

const forms = new Set<Form>();
let proceed: (() => void) | null = null;

const unsaved = () => [...forms].find((form) => form.changed());

function ask(go: () => void): boolean {
  const form = unsaved();
  if (!form) return true;
  const asking = proceed !== null;
  // Who goes elsewhere while being asked goes there.
  proceed = go;
  if (!asking) open(form.text());
  return false;
}

function open(text: string | null) {
  const close = (leaving: boolean) => {
    const go = proceed;
    proceed = null;
    void unmount(dialog);
    if (leaving) go?.();
  };
  const dialog = mount(Leave, { target: document.body, props: { text, onstay: () => close(false), onleave: () => close(true) } });
}

function hold(event: BeforeUnloadEvent) {
  if (unsaved()) event.preventDefault();
}

function keep(form: Form): () => void {
  forms.add(form);
  router.guard = ask;
  addEventListener('beforeunload', hold);
  return () => {
    forms.delete(form);
    if (forms.size > 0) return;
    router.guard = null;
    removeEventListener('beforeunload', hold);
  };
}

/** For the script of a component: as long as it is there and `changed`. `text`: what becomes of the changes, if they are not lost. */
export function askBeforeLeaving(changed: () => boolean, text: () => string | null = () => null): void {
  onMount(() => keep({ changed, text }));
}
