// What the server accepts, checked here first so that the answer comes at once.
import { t } from '../messages';

export const caption_chars_max = 500;
export const tags_max = 10;
export const tag_chars_max = 40;
export const name_chars_max = 50;
export const bio_chars_max = 200;
export const upload_bytes_max = 2_000_000_000;
export const upload_ms_max = 600_000;
const password_bytes_min = 10;
const password_bytes_max = 128;

export function handleProblem(handle: string): string | null {
  return /^[a-z0-9_.]{3,24}$/.test(handle) ? null : t('account.handle_bad');
}

export function passwordProblem(password: string): string | null {
  const size = new TextEncoder().encode(password).length;
  if (size < password_bytes_min) return t('account.password_short');
  return size > password_bytes_max ? t('account.password_long') : null;
}

/** A tag as the server keeps it, or null when it is none. */
export function cleanTag(text: string): string | null {
  const tag = text.trim().replace(/^#+/, '').normalize('NFC').toLowerCase();
  return /^[\p{L}\p{N}_]+$/u.test(tag) && Array.from(tag).length <= tag_chars_max ? tag : null;
}

const hashtag = /#([\p{L}\p{N}_]+)/gu;

/** Hashtags typed into a caption. */
export function tagsIn(caption: string): string[] {
  return [...caption.matchAll(hashtag)].flatMap((found) => cleanTag(found[1] ?? '') ?? []);
}

export interface CaptionPart {
  text: string;
  tag: boolean;
}

/** A caption in the order it is read: plain text, hashtags typed into it, then the tags it does not name itself. */
export function captionParts(caption: string, tags: string[]): CaptionPart[] {
  const parts: CaptionPart[] = [];
  let from = 0;
  for (const found of caption.matchAll(hashtag)) {
    if (found.index > from) parts.push({ text: caption.slice(from, found.index), tag: false });
    parts.push({ text: found[0], tag: true });
    from = found.index + found[0].length;
  }
  if (from < caption.length) parts.push({ text: caption.slice(from), tag: false });
  const named = new Set(tagsIn(caption));
  for (const tag of tags.filter((one) => !named.has(one))) {
    if (parts.length > 0) parts.push({ text: ' ', tag: false });
    parts.push({ text: `#${tag}`, tag: true });
  }
  return parts;
}

export const charsOf = (text: string): number => Array.from(text).length;
