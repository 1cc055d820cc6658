// What sharing a video, saving it to collections, and the page of what is saved say.
import { teller } from '.';
import { en } from './en';

export const share = {
  'share.title': 'Share',
  'share.repost': 'Repost to your followers',
  'share.reposted': 'Reposted to your followers',
  'share.repost_done': 'Reposted. Those who follow you see it in Following.',
  'share.repost_undone': 'Your repost is taken back.',
  'share.link': 'Link',
  'share.system': 'Share with…',
  'share.text': 'A video by @{handle} on Vitrine',
  'share.embed': 'For a page of your own',
  'share.embed_hint': 'Shows the player in your page. Your visitors get no cookie from it.',
  'share.embed_copy': 'Copy code',
  'share.embed_copied': 'Code copied.',
  'share.embed_none': 'The code did not load. {detail}',

  'collect.title': 'Save to',
  'collect.none': 'No collection yet. Make your first below.',
  'collect.new': 'New collection',
  'collect.make': 'Make and save',
  'collect.made': 'Saved to “{name}”.',
  'collect.videos': { one: '{count} video', other: '{count} videos' },
  'collect.private': 'Only you see your collections.',

  'saved.lead': 'What you saved, for you alone.',
  'saved.all': 'All collections',
  'saved.none.title': 'Nothing saved yet',
  'saved.none.text': 'The bookmark beside a video keeps it here. Hold it to choose a collection.',
  'saved.empty.title': 'Nothing in here yet',
  'saved.empty.text': 'Hold the bookmark beside a video to put it here.',
  'saved.gone.title': 'No such collection',
  'saved.gone.text': 'It was deleted, or is not yours.',
  'saved.gate.title': 'Sign in to see what you saved',
  'saved.rename': 'Rename',
  'saved.name': 'Name',
  'saved.renamed': 'Renamed.',
  'saved.delete': 'Delete collection',
  'saved.delete_title': 'Delete “{name}”?',
  'saved.delete_text': 'The videos themselves stay where they are.',
  'saved.deleted': 'Collection deleted.',
} as const;

export const t = teller({ ...en, ...share });
