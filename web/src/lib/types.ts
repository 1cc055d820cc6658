// The shapes that the server's API speaks. Times are milliseconds since 1970.

export interface Account {
  id: string;
  handle: string;
  display_name: string;
  bio: string;
  created_at: number;
  followers: number;
  following: number;
  videos: number;
  has_password: boolean;
}

export interface Profile {
  id: string;
  handle: string;
  display_name: string;
  bio: string;
  created_at: number;
  followers: number;
  following: number;
  videos: number;
  followed: boolean;
  self: boolean;
}

export interface Source {
  url: string;
  width: number;
  height: number;
  /** Bits a second. */
  bitrate: number;
  bytes: number;
  codecs: string;
}

export interface Preview {
  url: string;
  columns: number;
  rows: number;
  count: number;
  interval_ms: number;
  tile_width: number;
  tile_height: number;
}

export interface Creator {
  id: string;
  handle: string;
  display_name: string;
}

export interface Video {
  id: string;
  creator: Creator;
  caption: string;
  tags: string[];
  created_at: number;
  state: 'processing' | 'live' | 'failed';
  failure: { code: string; detail: string } | null;
  duration_ms: number;
  width: number;
  height: number;
  has_audio: boolean;
  /** A tiny picture as a data: address, or empty. */
  placeholder: string;
  poster: string | null;
  preview: Preview | null;
  /** Smallest first. */
  sources: Source[];
  hls: string | null;
  likes: number;
  liked: boolean;
  views: number;
  shares: number;
  own: boolean;
}

export type ReasonSource = 'fresh' | 'popular' | 'followed' | 'co_watched' | 'taste' | 'explore' | 'topic';

export interface FeedItem {
  video: Video;
  reason: { source: ReasonSource; text: string } | null;
}

export interface FeedPage {
  page: string;
  items: FeedItem[];
  end: boolean;
}

/** What a viewer has chosen for their feed. */
export interface Choices {
  personalised: boolean;
  topics: string[];
  muted_tags: string[];
  muted_creators: Creator[];
}

export interface Topic {
  tag: string;
  videos: number;
}

export type FeedMode = 'for_you' | 'following' | 'fresh';
export type Surface = FeedMode | 'profile' | 'video';

export interface WatchEvent {
  id: string;
  video: string;
  page?: string;
  position?: number;
  surface: Surface;
  shown_at: number;
  watched_ms: number;
  loops?: number;
  finished?: boolean;
  liked?: boolean;
  shared?: boolean;
  followed?: boolean;
  not_interested?: boolean;
}

export interface List<T> {
  items: T[];
  next: string | null;
}

export interface Passkey {
  id: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
}

export interface Progress {
  state: 'queued' | 'probing' | 'encoding' | 'live' | 'done' | 'failed';
  percent: number;
  detail?: string | { code?: string; detail?: string } | null;
}

export interface Boot {
  session: { account: Account | null };
  feed: FeedPage | null;
  video: Video | null;
}

/** A field that is sealed: nobody reads it without an entry in the public log. Times of custody are seconds since 1970. */
export interface SealedField {
  class: string;
  since_s: number;
  /** Null while the account lasts. */
  until_s: number | null;
  purposes: string[];
}

/** What is kept about the person who asks. */
export interface MyData {
  zone: string;
  age_band: 'minor' | 'adult';
  exposed: boolean;
  /** 32 bytes in base64. */
  receipt_key: string;
  account_since_ms: number;
  sealed: SealedField[];
  plain: { videos: number; likes: number; follows: number; passkeys: number; sessions: number };
}

export interface Receipt {
  /** The log's entry, byte for byte. */
  entry: string;
  at_s: number;
  /** Of a batch: the tags of all in it, in base64. */
  tags?: string[];
}

/** What the public page behind the glass says that the check of one's own data needs. */
export interface GlassKeys {
  mode: 'single-machine' | 'distributed';
  /** "up", or why personal data cannot be opened just now. */
  state: string;
  log: { origin: string; vkey: string; size: number; url: string };
  policy: string;
}
