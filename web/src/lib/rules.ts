// What the server accepts, checked here first so that the answer comes at once.
import { t } from '../messages';
import type { Person } from './types';

export const caption_chars_max = 500;
export const tags_max = 10;
export const tag_chars_max = 40;
export const name_chars_max = 50;
export const bio_chars_max = 200;
export const comment_chars_max = 500;
export const collection_name_chars_max = 50;
export const playlist_title_chars_max = 60;
export const playlist_videos_max = 500;
export const pinned_videos_max = 3;
/** How far ahead a video may be scheduled. */
export const schedule_ahead_ms_max = 365 * 86_400_000;
export const verification_name_chars_max = 100;
export const verification_link_max = 5;
export const verification_text_chars_max = 1000;
export const verification_reason_chars_max = 500;
export const upload_bytes_max = 2_000_000_000;
export const upload_ms_max = 600_000;
const password_bytes_min = 10;
const password_bytes_max = 128;

/** As it is kept: people also write it with its sign, and with capital letters. */
export function handleIn(typed: string): string {
  return typed.trim().replace(/^@/, '').toLowerCase();
}

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

/** A piece of a text, and where it leads if it is a hashtag or names somebody. */
export interface TextPart {
  text: string;
  href: string | null;
}

/** Of an address like ada@example.org the part after the @ names nobody, hence the first group. */
const reference = /#([\p{L}\p{N}_]+)|(^|[^A-Za-z0-9_.])@([A-Za-z0-9_.]+)/gu;

export const tagPath = (tag: string): string => `/tag/${encodeURIComponent(tag)}`;

function leadsTo(tag: string | undefined, handle: string | undefined, known: Set<string> | null): { text: string; href: string } | null {
  if (tag !== undefined) {
    const clean = cleanTag(tag);
    return clean === null ? null : { text: `#${tag}`, href: tagPath(clean) };
  }
  const name = (handle ?? '').replace(/\.+$/, '');
  const clean = name.toLowerCase();
  if (handleProblem(clean) !== null || (known !== null && !known.has(clean))) return null;
  return { text: `@${name}`, href: `/@${clean}` };
}

/** A text in pieces; whoever is named leads to their profile. With `known`, only people among them do. */
export function textParts(text: string, known: Person[] | null = null): TextPart[] {
  const handles = known && new Set(known.map(({ handle }) => handle));
  const parts: TextPart[] = [];
  let from = 0;
  for (const found of text.matchAll(reference)) {
    const part = leadsTo(found[1], found[3], handles);
    if (!part) continue;
    const at = found.index + (found[2]?.length ?? 0);
    if (at > from) parts.push({ text: text.slice(from, at), href: null });
    parts.push(part);
    from = at + part.text.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), href: null });
  return parts;
}

/** A caption in the order it is read: its text, then the tags it does not name itself. */
export function captionParts(caption: string, tags: string[], mentions: Person[]): TextPart[] {
  const parts = textParts(caption, mentions);
  const named = new Set(tagsIn(caption));
  for (const tag of tags.filter((one) => !named.has(one))) {
    if (parts.length > 0) parts.push({ text: ' ', href: null });
    parts.push({ text: `#${tag}`, href: tagPath(tag) });
  }
  return parts;
}

export const charsOf = (text: string): number => Array.from(text).length;
