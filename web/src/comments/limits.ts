// What the server accepts of a comment, said before it is sent.
import { charsOf, comment_chars_max, textParts } from '../lib/rules';
import { session } from '../lib/session.svelte';
import { social } from '../lib/social.svelte';
import type { Video } from '../lib/types';
import { t } from '../messages/comments';

export const mentions_max = 5;

/** "12 characters left", or how many are too many. */
export function roomIn(left: number): string {
  return left < 0 ? t('comments.over', { count: -left }) : t('comments.left', { count: left });
}

export function refusalOf(text: string): string | null {
  const left = comment_chars_max - charsOf(text.trim());
  if (left < 0) return roomIn(left);
  const named = new Set(textParts(text).flatMap(({ href }) => (href?.startsWith('/@') ? [href] : [])));
  return named.size > mentions_max ? t('comments.names_max', { count: mentions_max }) : null;
}

/** Why one cannot comment, if one cannot; a visitor may after signing in, as far as is known. */
export function closedBecause({ may_comment, comment_permission, creator }: Video): string | null {
  if (comment_permission === 'nobody' && !may_comment) return t('comments.closed');
  if (may_comment || !session.account) return null;
  if (comment_permission !== 'followers') return t('comments.closed_to_you');
  return social.follows(creator.handle) ? null : t('comments.closed_followers', { handle: creator.handle });
}
