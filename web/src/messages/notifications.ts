// What the page of notifications and their settings say.
import { teller } from '.';
import { en } from './en';

export const notifications = {
  'told.today': 'Today',
  'told.week': 'This week',
  'told.earlier': 'Earlier',
  'told.new': 'New',
  'told.who_two': '{first} and {second}',
  'told.who_more': { one: '{first}, {second} and {count} other', other: '{first}, {second} and {count} others' },
  'told.somebody': 'Somebody',
  'told.follow': '{who} follows you',
  'told.follow_many': '{who} follow you',
  'told.like': '{who} liked your video',
  'told.comment': '{who} commented on your video',
  'told.reply': '{who} replied to you',
  'told.mention': '{who} mentioned you',
  'told.comment_like': '{who} liked your comment',
  'told.verification': 'Something has changed about your verification',
  'told.none.title': 'Nothing yet',
  'told.none.text': 'When people follow you, like your videos or talk to you, it is here.',
  'told.gate.title': 'Sign in to see your notifications',
  'told.gate.text': 'Who follows you, likes your videos or talks to you.',
  'told.failed': 'The notifications did not load',
  'told.settings': 'Choose what you are told of',

  'told.settings_title': 'Notifications',
  'told.settings_text': 'What you are told of. Nothing is sent anywhere: it waits behind the bell.',
  'told.want.follow': 'New followers',
  'told.want.like': 'Likes of your videos',
  'told.want.comment': 'Comments on your videos',
  'told.want.reply': 'Replies to your comments',
  'told.want.mention': 'Mentions of you',
  'told.want.comment_like': 'Likes of your comments',
  'told.want.verification': 'Decisions about your verification',
  'told.settings_failed': 'They could not be loaded. {detail}',
} as const;

export const t = teller({ ...en, ...notifications });
