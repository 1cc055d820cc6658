import { t } from '../messages';
import { toasts } from './toasts.svelte';

export const linkOf = (id: string) => `${location.origin}/v/${id}`;

/** True when it was copied. Says so, either way. */
export async function copyText(text: string, done = t('video.shared')): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    toasts.add(done);
    return true;
  } catch {
    toasts.add(t('video.share_failed', { link: text }));
    return false;
  }
}
