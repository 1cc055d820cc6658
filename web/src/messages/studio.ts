// What the creator's own area says.
import { locale, teller } from '.';
import { en } from './en';

export const studio = {
  'studio.title': 'Studio',
  'studio.lead': 'How your videos are watched. No figure here is about fewer than {count} people, and none is about minors.',
  'studio.gate.title': 'Your studio',
  'studio.gate.text': 'Sign in to see how your videos are watched.',
  'studio.period': 'Period',
  'studio.days': { one: '{count} day', other: '{count} days' },
  'studio.all': 'All videos',
  'studio.watch': 'Open the video',
  'studio.none.title': 'Nothing to show yet',
  'studio.none.text': 'Figures begin with your first video.',
  'studio.gone.title': 'No such video of yours',
  'studio.gone.text': 'It may have been deleted, or it belongs to somebody else.',

  'studio.withheld': 'fewer than {count}',
  'studio.withheld.short': 'too few',
  'studio.table': 'As a table',
  'studio.chart': 'As a chart',
  'studio.about': 'about {count}',
  'studio.total.views': 'Views',
  'studio.total.viewers': 'Viewers',
  'studio.total.watched_ms': 'Watched',
  'studio.total.watched_percent': 'Watched on average',
  'studio.total.likes': 'Likes',
  'studio.total.comments': 'Comments',
  'studio.total.saves': 'Saves',
  'studio.total.shares': 'Shares',
  'studio.total.follows': 'Follows',
  'studio.percent': '{count} %',
  'studio.hours': '{count} h',
  'studio.minutes': '{count} min',
  'studio.totals': 'In {count} days',

  'studio.days.title': 'Day by day',
  'studio.days.what': 'What to show',
  'studio.days.day': 'Day',
  'studio.days.read': '{day}: {value}',
  'studio.days.none': 'No day in this period had enough people yet.',
  'studio.days.note': 'Days begin at midnight UTC. What fewer than {count} people did is told together with a later day, once there are enough.',

  'studio.retention.title': 'Still watching',
  'studio.retention.lead': 'Of 100 views, how many are still there at each moment.',
  'studio.retention.at': '{time}: {share} still watch',
  'studio.retention.all': 'Everybody is there at the start',
  'studio.retention.half': 'Half have left by {time}',
  'studio.retention.time': 'Moment',
  'studio.retention.share': 'Still watch',
  'studio.retention.note': 'Read in steps of {count} views. Hatched: fewer than {count} have left yet, or fewer than {count} are still there.',

  'studio.sources.title': 'Where views come from',
  'studio.sources.source': 'Source',
  'studio.sources.views': 'Views',
  'studio.sources.untold': 'Not told apart',
  'studio.sources.note': 'A source with fewer than {count} views is not told apart; nor is another, where it would give the small one away.',
  'studio.source.for_you': 'For You',
  'studio.source.following': 'Following',
  'studio.source.fresh': 'Fresh',
  'studio.source.profile': 'Your profile',
  'studio.source.video': 'Shared links',
  'studio.source.search': 'Search',
  'studio.source.tag': 'Hashtag pages',
  'studio.source.sound': 'Sound pages',
  'studio.source.saved': 'Collections',
  'studio.source.embed': 'Other websites',

  'studio.busy.title': 'Best hours',
  'studio.busy.lead': 'When people watch, in your time.',
  'studio.busy.read': '{day}, {from} to {to}: {level}',
  'studio.busy.1': 'quiet',
  'studio.busy.2': 'some',
  'studio.busy.3': 'busy',
  'studio.busy.4': 'very busy',
  'studio.busy.5': 'busiest',
  'studio.busy.best': 'Busiest: {day}, {from} to {to}',
  'studio.busy.few': 'No hour of the week has had enough views yet.',
  'studio.busy.less': 'quiet',
  'studio.busy.more': 'busiest',

  'studio.followers.title': 'Followers',
  'studio.followers.note': 'Of those who follow you now; in steps of {count}.',
  'studio.top.title': 'Most watched',
  'studio.top.views': { one: '{count} view', other: '{count} views' },
  'studio.videos.title': 'Your videos',
  'studio.videos.views': { one: '{count} view in all', other: '{count} views in all' },
} as const;

export const t = teller({ ...en, ...studio });

const calendar = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' });
const weekday_short = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
/** A Monday. */
const monday_ms = Date.UTC(2024, 0, 1);

/** "2026-11-25" → "Nov 25". */
export const dayOf = (day: string): string => calendar.format(Date.parse(day));
/** 0 → "Monday". */
export const weekdayOf = (at: number, form: 'long' | 'short' = 'long'): string =>
  (form === 'long' ? weekday : weekday_short).format(monday_ms + at * 86_400_000);
/** 9 → "9:00". */
export const hourOf = (hour: number): string => `${hour % 24}:00`;
