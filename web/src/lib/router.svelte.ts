// The page's address and what it means. One small router over the history API.

const plain_pages = [
  'upload',
  'sign-in',
  'sign-up',
  'settings',
  'your-feed',
  'my-data',
  'glass',
  'staff',
  'recover',
  'search',
  'notifications',
  'saved',
  'reports',
  'decisions',
  'moderation',
  'family',
  'unsubscribe',
] as const;

export type Route =
  | { name: 'feed'; mode: 'for_you' | 'following' | 'fresh' }
  | { name: (typeof plain_pages)[number] | 'not-found' }
  | { name: 'profile'; handle: string }
  | { name: 'tag'; tag: string }
  | { name: 'video' | 'embed' | 'captions' | 'sound' | 'duets' | 'edit' | 'playlist'; id: string }
  | { name: 'studio'; video: string }
  | { name: 'studio-videos' | 'studio-playlists' }
  | { name: 'verification-desk' };

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Pure: what an address shows. */
export function match(path: string, search = ''): Route {
  const clean = path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
  if (clean === '/') {
    return { name: 'feed', mode: new URLSearchParams(search).get('feed') === 'fresh' ? 'fresh' : 'for_you' };
  }
  if (clean === '/following') return { name: 'feed', mode: 'following' };
  const page = plain_pages.find((name) => clean === `/${name}`);
  if (page) return { name: page };
  if (clean === '/moderation/verification') return { name: 'verification-desk' };
  const studio = /^\/studio(?:\/v\/([A-Za-z0-9_-]+))?$/.exec(clean);
  if (studio) return { name: 'studio', video: studio[1] ?? '' };
  const edit = /^\/studio\/v\/([A-Za-z0-9_-]+)\/edit$/.exec(clean);
  if (edit?.[1]) return { name: 'edit', id: edit[1] };
  if (clean === '/studio/videos') return { name: 'studio-videos' };
  if (clean === '/studio/playlists') return { name: 'studio-playlists' };
  const playlist = /^\/playlist\/([A-Za-z0-9_-]+)$/.exec(clean);
  if (playlist?.[1]) return { name: 'playlist', id: playlist[1] };
  const profile = /^\/@([^/]+)$/.exec(clean);
  if (profile?.[1]) {
    const handle = decode(profile[1]);
    return handle ? { name: 'profile', handle } : { name: 'not-found' };
  }
  const tag = /^\/tag\/([^/]+)$/.exec(clean);
  if (tag?.[1]) {
    const name = decode(tag[1]);
    return name ? { name: 'tag', tag: name } : { name: 'not-found' };
  }
  const video = /^\/(v|embed)\/([A-Za-z0-9_-]+)$/.exec(clean);
  if (video?.[2]) return { name: video[1] === 'v' ? 'video' : 'embed', id: video[2] };
  const captions = /^\/v\/([A-Za-z0-9_-]+)\/captions$/.exec(clean);
  if (captions?.[1]) return { name: 'captions', id: captions[1] };
  const made = /^\/(sound|duets)\/([A-Za-z0-9_-]+)$/.exec(clean);
  if (made?.[2]) return { name: made[1] === 'sound' ? 'sound' : 'duets', id: made[2] };
  return { name: 'not-found' };
}

/** Only an address within this app may be a place to go on to after signing in. */
export function safeNext(next: string | null): string {
  return next && next.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : '/';
}

class Router {
  path = $state('/');
  search = $state('');
  readonly route = $derived(match(this.path, this.search));

  start(): void {
    this.#read();
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  go(to: string): void {
    if (to === location.pathname + location.search) return;
    history.pushState(null, '', to);
    this.#read();
  }

  replace(to: string): void {
    history.replaceState(null, '', to);
    this.#read();
  }

  /** Changes what the address bar shows without changing the page. */
  show(to: string): void {
    history.replaceState(null, '', to);
  }

  #read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.hash && link.pathname === location.pathname) return;
    if (/^\/(api|media|uploads|log)\//.test(link.pathname)) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();

/** Where to sign in, coming back to this page afterwards. */
export function signInPath(page: 'sign-in' | 'sign-up' = 'sign-in'): string {
  const here = location.pathname + location.search;
  return here === '/' ? `/${page}` : `/${page}?next=${encodeURIComponent(here)}`;
}
