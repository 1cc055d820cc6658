// The shapes that the server's API speaks. Times are milliseconds since 1970.
import type { NotificationKind } from '../notifications/kinds';

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
  age_band: 'minor' | 'adult';
  email: 'none' | 'unverified' | 'verified';
  staff: StaffRole | null;
  moderator: boolean;
  /** Until when, and why. It may read what was decided, appeal, take its data along and leave. */
  suspended: { until: number; reason: string } | null;
  limits: AccountLimits;
  family: { role: 'none' | 'guardian' | 'ward'; waiting: boolean };
  /** The country they chose, for trends; nobody else sees it. */
  region: string | null;
  /** What a new video has of which its creator says nothing. */
  defaults: { audience: Audience; comment_permission: Who; duet_permission: Who };
}

/** Null: none. Times of day are "22:00", by the clocks where the person is. */
export interface Limits {
  daily_minutes: number | null;
  quiet: { from: string; to: string } | null;
}

/** What the server keeps of an account's time; the limits themselves are those in force. */
export interface AccountLimits extends Limits {
  own: Limits;
  /** What may not be loosened. */
  bound: Limits | null;
  /** By a guardian. */
  guarded: boolean;
  hide_sensitive: boolean;
  may_show_sensitive: boolean;
  time_zone: string | null;
  used_minutes: number;
  used_seconds: number;
  extra_minutes: number;
  may_extend: boolean;
  rest: 'none' | 'limit' | 'night';
  until: number | null;
  night_at: number | null;
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
  verified?: Badge | null;
  followed: boolean;
  self: boolean;
  blocked: boolean;
  muted: boolean;
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

/** What stands beside a name, and since when. */
export interface Badge {
  kind: 'person' | 'organisation' | 'domain';
  domain: string | null;
  since: number;
}

export interface Person {
  id: string;
  handle: string;
  display_name: string;
  verified?: Badge | null;
}

export interface VerificationRequest {
  id: string;
  kind: 'person' | 'organisation';
  name: string;
  links: string[];
  text: string;
  /** Made by the service: a verified account goes by another name. */
  renamed: boolean;
  state: 'open' | 'granted' | 'refused' | 'withdrawn';
  reason: string;
  created_at: number;
  decided_at: number | null;
}

export interface DomainLink {
  domain: string;
  token: string;
  /** Where the file with the token is looked for. */
  file: string;
  /** Where a link with rel="me" must lead. */
  profile: string;
  state: 'waiting' | 'proven' | 'lost';
  proven_at: number | null;
  checked_at: number | null;
  /** Of the last look; empty when all is well. */
  problem: string;
}

export interface VerificationStatus {
  verified: Badge | null;
  /** There is a badge, for another display name. */
  paused: boolean;
  request: VerificationRequest | null;
  domain: DomainLink | null;
}

export interface QueuedVerification extends VerificationRequest {
  person: Person;
  bio: string;
  domain: string | null;
  /** The display name that was looked at, of a renamed account. */
  verified_name: string;
  may_decide: boolean;
}

export interface VerifiedPerson extends Person {
  since: number;
  paused: boolean;
}

export type Creator = Person;

/** A video's captions in one language. */
export interface CaptionTrack {
  language: string;
  /** What the language calls itself. */
  label: string;
  url: string;
  /** Written by a program. */
  automatic: boolean;
}

export interface ListedCaptions extends CaptionTrack {
  cues: number;
  updated_at: number;
}

export interface CaptionWork {
  language: string;
  state: 'queued' | 'running' | 'failed';
  detail: string;
}

export interface CaptionList {
  items: ListedCaptions[];
  /** Whether the service can write captions by itself. */
  engine: boolean;
  /** What it does for the creator who asks. */
  work: CaptionWork[];
}

export type Audience = 'public' | 'followers' | 'link' | 'only_me';
export type Who = 'everyone' | 'followers' | 'nobody';
export type OwnLabel = 'advertising' | 'ai_made' | 'sensitive';

export interface Video {
  id: string;
  creator: Creator;
  caption: string;
  tags: string[];
  created_at: number;
  /** held and removed: by moderation, seen by its creator and moderators alone. draft and scheduled: seen by its creator alone. */
  state: 'processing' | 'live' | 'failed' | 'held' | 'removed' | 'draft' | 'scheduled';
  /** Of a video that plays: why what should replace it could not. */
  failure: { code: string; detail: string } | null;
  duration_ms: number;
  width: number;
  height: number;
  has_audio: boolean;
  /** A tiny picture as a data: address, or empty. */
  placeholder: string;
  poster: string | null;
  /** The poster for grids. */
  thumbnail: string | null;
  preview: Preview | null;
  /** Smallest first. */
  sources: Source[];
  hls: string | null;
  likes: number;
  liked: boolean;
  views: number;
  shares: number;
  own: boolean;
  comments: number;
  /** In the viewer's default collection. */
  saved: boolean;
  reposts: number;
  reposted: boolean;
  /** In the following feed: who of those followed reposted it last. */
  reposted_by?: Person | null;
  /** Whom the caption names. */
  mentions: Person[];
  labels: ('advertising' | 'ai_made')[];
  /** Shown behind a veil. */
  sensitive: boolean;
  captions: CaptionTrack[];
  /** Of a duet or stitch. */
  credit: Credit | null;
  /** What is heard. */
  sound: Sound | null;
  /** Free for duets, stitches and its sound. */
  may_duet: boolean;
  audience: Audience;
  /** Its own, or the account's rule. */
  comment_permission: Who;
  duet_permission: Who;
  may_comment: boolean;
  /** For its creator: null if it has the account's rule. */
  own_comment_permission: Who | null;
  /** For its creator; otherwise empty. */
  own_labels: OwnLabel[];
  /** By moderation, for its creator. */
  imposed_labels: OwnLabel[];
  pinned: boolean;
  publish_at: number | null;
  /** When it first went live. */
  published_at: number | null;
}

export interface Playlist {
  id: string;
  title: string;
  creator: Person;
  /** Those that whoever asks may find. */
  videos: number;
  cover: string | null;
  created_at: number;
  own: boolean;
}

export interface PlaylistPage extends List<Video> {
  playlist: Playlist;
}

export interface Credit {
  kind: 'duet' | 'stitch';
  /** Null: gone, or not for whoever asks. */
  video: string | null;
  creator: Person | null;
}

export interface Sound {
  id: string;
  title: string;
  creator: Person | null;
  /** First heard in the video it is told of. */
  original: boolean;
}

export interface SoundPage extends List<Video> {
  sound: Sound;
  may_use: boolean;
  videos: number;
}

export type CommentState = 'live' | 'held' | 'removed';
export type CommentSort = 'top' | 'new';

export interface Comment {
  id: string;
  video: string;
  /** Of a reply: the comment whose thread it stands in. */
  parent: string | null;
  author: Person;
  /** Empty once removed. */
  text: string;
  created_at: number;
  edited_at: number | null;
  likes: number;
  liked: boolean;
  pinned: boolean;
  replies: number;
  state: CommentState;
  own: boolean;
  by_creator: boolean;
  /** By moderation, not by the creator's rules. */
  withheld: boolean;
}

export interface CommentRules {
  who: 'everyone' | 'followers' | 'nobody';
  hold: 'nothing' | 'links' | 'strangers' | 'everything';
  words: string[];
}

export type { NotificationKind };
/** What everybody is told by the service itself; nobody's name stands with it. */
export type ServiceNews = 'decision' | 'appeal' | 'report' | 'verification';
/** What families do is told in any case. */
export type FamilyNews = 'family_change' | 'family_end';

export interface Notification {
  id: string;
  kind: NotificationKind | ServiceNews | FamilyNews;
  /** The latest, at most three. */
  actors: Person[];
  /** People in all. */
  count: number;
  video: string | null;
  comment: string | null;
  /** Of moderation: the decision about one, or one's report; of several reports none. */
  matter: string | null;
  text: string;
  created_at: number;
  read: boolean;
}

export type DigestRhythm = 'never' | 'daily' | 'weekly';

export type NotificationSettings = Record<NotificationKind, boolean> & {
  /** On devices as well. */
  push: Record<NotificationKind, boolean>;
  digest: DigestRhythm;
};

export type TargetKind = 'video' | 'account' | 'comment';

export interface Target {
  kind: TargetKind;
  id: string;
}

export type ReportReason =
  | 'child_safety'
  | 'threat'
  | 'self_harm'
  | 'illegal'
  | 'hate'
  | 'harassment'
  | 'sexual'
  | 'violence'
  | 'private_information'
  | 'impersonation'
  | 'deception'
  | 'copyright'
  | 'spam'
  | 'other';

export type ModerationAction = 'no_action' | 'review' | 'hold' | 'label' | 'limit' | 'remove' | 'suspend' | 'warn';
/** What a decision rests on: the operator's own rules, or the law. */
export type Ground = 'rules' | 'law';
export type VideoLabel = 'advertising' | 'ai_made' | 'sensitive';

export interface Report {
  id: string;
  target: Target;
  /** Of an account, while it is there. */
  account: Person | null;
  reason: ReportReason;
  /** Whose law, with the reason "illegal". */
  country: string | null;
  text: string;
  created_at: number;
  open: boolean;
  /** Null of one that is not open: what it was about has gone. */
  outcome: { action: ModerationAction; ground: Ground; rule: string; decided_at: number; reversed: boolean } | null;
}

export interface Appeal {
  id: string;
  text: string;
  created_at: number;
  outcome: 'upheld' | 'reversed' | null;
  reason: string;
  decided_at: number | null;
}

/** A statement of reasons. */
export interface Decision {
  id: string;
  target: Target;
  action: ModerationAction;
  labels: VideoLabel[];
  ground: Ground;
  rule: string;
  reason: string;
  facts: string;
  automated: boolean;
  made_at: number;
  /** Null: until it is taken back. */
  until: number | null;
  in_force: boolean;
  reversed: boolean;
  /** Null: there is nothing to appeal against. */
  appeal_until: number | null;
  appeal: Appeal | null;
}

export interface NewDecision {
  action: ModerationAction;
  labels?: VideoLabel[];
  ground: Ground;
  rule: string;
  reason: string;
  facts: string;
  days?: number;
}

/** The reports of one thing. */
export interface ModerationCase {
  id: string;
  target: Target;
  /** As they read now; empty: it has gone. */
  words: string;
  concerned: Person | null;
  /** 1 to 5, 5 the gravest. */
  severity: number;
  reports: number;
  created_at: number;
  claim: { by: Person | null; mine: boolean; until: number } | null;
  newest: { reason: ReportReason | 'rule'; country: string | null; text: string; created_at: number; impersonates: Person | null }[];
  in_force: Decision[];
}

export interface OpenAppeal {
  id: string;
  decision: Decision;
  concerned: Person | null;
  may_decide: boolean;
}

export type RuleOutcome = 'queue' | 'hold';

export interface AutomaticRules {
  words: { text: string; outcome: RuleOutcome }[];
  hashes: { sha256: string; outcome: RuleOutcome }[];
  /** By one account; 0: any number. */
  videos_per_hour: number;
  rate_outcome: RuleOutcome;
}

export interface Collection {
  id: string;
  name: string;
  videos: number;
  created_at: number;
}

export interface Findings {
  videos: Video[];
  accounts: Profile[];
  tags: Topic[];
  next: string | null;
}

export type FindingKind = 'all' | 'videos' | 'accounts' | 'tags';

export interface Suggestion {
  text: string;
  kind: 'tag' | 'account' | 'caption';
}

export interface TagPage extends List<Video> {
  tag: string;
  videos: number;
}

export interface Trending {
  tags: Topic[];
  videos: Video[];
  /** In which something trends, by what they call themselves. */
  languages: { language: string; label: string }[];
  /** Countries in which enough people like the same. */
  regions: string[];
  /** Whose trends these are; null: everybody's. */
  region: string | null;
  definition: string;
}

export type ReasonSource = 'fresh' | 'popular' | 'followed' | 'co_watched' | 'taste' | 'explore' | 'topic' | 'reposted';

export interface FeedItem {
  video: Video;
  reason: { source: ReasonSource; text: string } | null;
}

export interface FeedPage {
  page: string;
  items: FeedItem[];
  end: boolean;
  /** While the feed rests there are no items. */
  rest: { why: 'limit' | 'night'; until: number } | null;
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
export type Surface = FeedMode | 'profile' | 'video' | 'search' | 'tag' | 'sound' | 'saved' | 'embed';

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
  commented?: boolean;
  saved?: boolean;
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

export interface PasskeyDescriptor {
  id: string;
  type: string;
  transports?: string[];
}

export type PasskeyCreation = Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials' | 'extensions'> & {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: PasskeyDescriptor[];
};

export type PasskeyRequest = Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials' | 'extensions'> & {
  challenge: string;
  allowCredentials?: PasskeyDescriptor[];
};

export interface Progress {
  state: 'queued' | 'probing' | 'encoding' | 'live' | 'done' | 'failed';
  percent: number;
  detail?: string | { code?: string; detail?: string } | null;
}

// Custody: who may open personal data, and what everyone can see of it (docs/formats/custody.md). Times in seconds since 1970.

export interface StaffRole {
  /** A pseudonym, as on the roster. */
  member: string;
  role: 'staff' | 'overseer';
  zone: string;
}

export interface Witness {
  name: string;
  vkey: string;
  /** The size of the log that it last cosigned. */
  cosigned: number;
  /** Empty when all is well. */
  trouble: string;
  independent: boolean;
}

export interface Custodian {
  name: string;
  key: string;
  independent: boolean;
}

export interface DayCounts {
  /** "2026-11-25" */
  day: string;
  openings: number;
  batches: number;
  refusals: number;
}

export interface AccessCount {
  purpose: string;
  class: string;
  opened: number;
  refused: number;
}

export type Outcome = 'refused' | 'partly' | 'complied';

/** A demand for data. While it is sealed, the public sees only that it is there. */
export interface Demand {
  id: string;
  bucket_s: number;
  sealed: boolean;
  /** By when a sealed one must be opened. */
  open_by_s: number | null;
  overdue: boolean;
  outcome: Outcome | null;
  authority?: string;
  country?: string;
  zone?: string;
  basis?: string;
  class?: string;
  reason?: string;
}

export interface Intervention {
  bucket_s: number;
  action: string;
  target: string;
  by: string;
  why: string;
  until_s: number | null;
}

export interface RosterMember {
  id: string;
  role: string;
  zone: string;
  since_s: number;
}

export interface Retention {
  class: string;
  /** Null: kept as long as the account. */
  days: number | null;
  what: string;
}

export interface Glass {
  mode: 'single-machine' | 'distributed';
  /** "up", or why personal data cannot be read just now. */
  state: string;
  log: { origin: string; vkey: string; size: number; url: string };
  policy: string;
  witnesses: Witness[];
  custodians: Custodian[];
  threshold: number;
  rules: { hash: string; text: string };
  accesses: AccessCount[];
  days: DayCounts[];
  roster: RosterMember[];
  demands: Demand[];
  alarms: { bucket_s: number; about: string; text: string }[];
  models: { bucket_s: number; sha256: string }[];
  builds: { bucket_s: number; sha256: string; version: string }[];
  interventions: Intervention[];
  erasures: number;
  retention: Retention[];
  retention_proof: { bucket_s: number; older: number } | null;
}

export interface Case {
  id: string;
  title: string;
  state: 'open' | 'closed';
  created_at_ms: number;
}

export interface StaffRequest {
  id: string;
  handle: string;
  class: string;
  purpose: string;
  case: { id: string; title: string };
  reader: string;
  created_at_ms: number;
  state: 'waiting' | 'opened' | 'refused';
  /** Pseudonyms of those who have signed. */
  approvals: string[];
  /** How many others than the reader must sign. */
  signers_needed: number;
  mine: boolean;
  signed: boolean;
  options: PasskeyRequest;
}

/** A field of a person, opened once. */
export interface OpenedField {
  field: string;
  seconds: number;
}

export interface StaffEvent {
  at_ms: number;
  /** asked: nothing came of it. */
  kind: 'asked' | 'opened' | 'refused';
  purpose: string;
  class: string;
  reader: string;
  reason: string;
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
  plain: { videos: number; likes: number; reposts: number; follows: number; passkeys: number; sessions: number; devices: number };
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
