// What searching, a hashtag's page and what is trending say.
import { teller } from '.';
import { en } from './en';

export const search = {
  'search.label': 'Search videos, people and tags',
  'search.placeholder': 'Search',
  'search.clear': 'Clear the search',
  'search.suggestions': 'Suggestions',
  'search.suggestion.tag': 'Tag',
  'search.suggestion.account': 'Person',
  'search.suggestion.caption': 'Caption',
  'search.results': 'Results for “{query}”',
  'search.kinds': 'What to show',
  'search.kind.all': 'All',
  'search.kind.videos': 'Videos',
  'search.kind.accounts': 'People',
  'search.kind.tags': 'Tags',
  'search.people': 'People',
  'search.tags': 'Tags',
  'search.videos': 'Videos',
  'search.all_people': 'All people',
  'search.tag_videos': { one: '{count} video', other: '{count} videos' },
  'search.followers': { one: '{shown} follower', other: '{shown} followers' },
  'search.none.title': 'Nothing found for “{query}”',
  'search.none.text': 'Check the spelling, or try fewer or other words.',
  'search.failed': 'The search did not work',
  'search.off': 'Search is switched off',
  'search.off_text': 'A guardian of yours has switched it off. Feeds, profiles and tags are there as before.',
  'search.off_who': 'See who and when',
  'search.trending': 'Trending',
  'search.trending_in': 'Trending in {place}',
  'search.trending_where': 'Where',
  'search.trending_all': 'Everywhere',
  'search.trending_regions': 'Regions',
  'search.trending_languages': 'With captions in',
  'search.trending_few': '{place}: too few people who chose it like the same just now, so this is what trends everywhere. Nothing is told of fewer than 20 people.',
  'search.trending_choose': 'Choose your region',
  'search.trending_what': 'What does trending mean here?',
  'search.trending_none': 'Nothing trends right now.',
  'search.browse': 'Topics to browse',

  'order.title': 'Order',
  'order.top': 'Top',
  'order.new': 'Newest',

  'region.title': 'Your region',
  'region.label': 'Country',
  'region.none': 'Not said',
  'region.why':
    'For trends of a region. Your likes count there from a day after you choose, together with those of at least 19 others; people under 18 are not counted. Nobody sees what you chose, and nothing is guessed from your address.',
  'region.saved': 'Saved.',

  'tag.videos': { one: '{count} video', other: '{count} videos' },
  'tag.gone.title': 'No videos with #{tag}',
  'tag.gone.text': 'Nobody has used this tag yet, or its videos are gone.',
  'tag.gone.action': 'Search for something else',
} as const;

export const t = teller({ ...en, ...search });
