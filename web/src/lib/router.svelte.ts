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

/** The place of an entry in the browser's history: how far the back button went. Entries that the browser made have none. */
const placeIn = (state: unknown): number | null => (state as { place?: number } | null)?.place ?? null;

class Router {
  path = $state('/');
  search = $state('');
  readonly route = $derived(match(this.path, this.search));
  /** Is asked before another page is shown. False: not now, it calls what it was given if it is to be shown after all. */
  guard: ((proceed: () => void) => boolean) | null = null;
  #place = 0;
  #let_through = false;

  start(): void {
    this.#place = placeIn(history.state) ?? 0;
    this.#put(location.href);
    this.#read();
    addEventListener('popstate', () => this.#came());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  go(to: string): void {
    if (to === location.pathname + location.search + location.hash) return;
    const proceed = () => {
      this.#place += 1;
      history.pushState({ place: this.#place }, '', to);
      this.#read();
    };
    if (!this.guard || this.guard(proceed)) proceed();
  }

  replace(to: string): void {
    this.#put(to);
    this.#read();
  }

  /** Changes what the address bar shows without changing the page. */
  show(to: string): void {
    this.#put(to);
  }

  #put(to: string): void {
    history.replaceState({ place: this.#place }, '', to);
  }

  #read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  /** By the browser's buttons, which have gone there before anybody was asked: if the page is to stay, they go back. */
  #came(): void {
    const place = placeIn(history.state);
    if (place === null) {
      // A heading of this page, by its link.
      this.#place += 1;
      this.#put(location.href);
      return this.#read();
    }
    const by = place - this.#place;
    const proceed = () => {
      this.#let_through = true;
      history.go(by);
    };
    if (by !== 0 && location.pathname !== this.path && !this.#let_through && this.guard && !this.guard(proceed)) return history.go(-by);
    this.#let_through = false;
    this.#place = place;
    this.#read();
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.hash && link.pathname === location.pathname) return;
    if (/^\/(api|media|uploads|log)\//.test(link.pathname)) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

export const router = new Router();

/** Where to sign in, coming back to this page afterwards. */
export function signInPath(page: 'sign-in' | 'sign-up' = 'sign-in'): string {
  const here = location.pathname + location.search;
  return here === '/' ? `/${page}` : `/${page}?next=${encodeURIComponent(here)}`;
}
