// What is to be said of one's own video that not everybody sees.
import type { Video } from './types';
import { locale } from '../messages';
import { t } from '../messages/publishing';
import type { IconName } from '../ui/Icon.svelte';

export interface Mark {
  icon: IconName;
  text: string;
}

const name_chars_max = 60;
const brief = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });

/** What it is called where there is little room, or said aloud. */
export function nameOf({ caption }: Video): string {
  const chars = Array.from(caption);
  return chars.length > name_chars_max ? `${chars.slice(0, name_chars_max).join('').trim()}…` : caption || t('profile.untitled');
}

const icons = { followers: 'following', link: 'link', only_me: 'lock' } as const;

export function timingMark(video: Video): Mark | null {
  if (video.state === 'draft') return { icon: 'edit', text: t('mark.draft') };
  if (video.state !== 'scheduled' || video.publish_at === null) return null;
  return { icon: 'clock', text: t('mark.scheduled', { time: brief.format(video.publish_at) }) };
}

export function audienceMark({ audience }: Video): Mark | null {
  return audience === 'public' ? null : { icon: icons[audience], text: t(`mark.${audience}`) };
}

export const marksOf = (video: Video): Mark[] => [timingMark(video), audienceMark(video)].filter((mark) => mark !== null);

/** The same in one line. */
export const saidOf = (video: Video): string => marksOf(video).map(({ text }) => text).join(' · ');

/** There is something to see: for everybody, or for its creator alone. */
export const plays = (video: Video): boolean =>
  video.state === 'live' || ((video.state === 'draft' || video.state === 'scheduled') && video.sources.length > 0);
