import { t } from '../messages';
import { toasts } from './toasts.svelte';
import type { Video } from './types';

export const linkOf = (id: string) => `${location.origin}/v/${id}`;

/** By the system's share sheet on touch devices, as a copied link elsewhere. True when it was shared. */
export async function shareVideo(video: Video): Promise<boolean> {
  const url = linkOf(video.id);
  if ('share' in navigator && matchMedia('(pointer: coarse)').matches) {
    try {
      await navigator.share({ url, title: video.caption || t('video.share_text', { handle: video.creator.handle }) });
      return true;
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return false;
    }
  }
  return copyLink(url);
}

export async function copyLink(url: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(url);
    toasts.add(t('video.shared'));
    return true;
  } catch {
    toasts.add(t('video.share_failed', { link: url }));
    return false;
  }
}
