// What a creator chooses for a video besides its words: who sees it and when, what others may do with it, and what it is.
import type { Account, Audience, OwnLabel, Video, Who } from '../lib/types';
import { fieldOf, msOf, timeProblem, tomorrowEvening } from './times';

export const audiences: Audience[] = ['public', 'followers', 'link', 'only_me'];
export const all_who: Who[] = ['everyone', 'followers', 'nobody'];
export const own_labels: OwnLabel[] = ['advertising', 'ai_made', 'sensitive'];
export const whens = ['now', 'later', 'draft'] as const;
export type When = (typeof whens)[number];

export interface Chosen {
  audience: Audience;
  /** Null: as the account's settings have it. */
  comments: Who | null;
  duets: Who;
  labels: OwnLabel[];
  when: When;
  publish_at: number | null;
}

/** As the API takes it; what is left as it is is not named. */
export interface Change {
  audience?: Audience;
  comment_permission?: Who | null;
  duet_permission?: Who;
  labels?: OwnLabel[];
  draft?: boolean;
  publish_at?: number | null;
}

const open_to_all: Account['defaults'] = { audience: 'public', comment_permission: 'everyone', duet_permission: 'everyone' };

/** What the server takes for a new video if nothing is said. */
export const fresh = ({ audience, duet_permission }: Account['defaults'] = open_to_all): Chosen => ({
  audience,
  comments: null,
  duets: duet_permission,
  labels: [],
  when: 'now',
  publish_at: null,
});

export const chosenFor = (video: Video): Chosen => ({
  audience: video.audience,
  comments: video.own_comment_permission,
  duets: video.duet_permission,
  labels: [...video.own_labels],
  when: video.state === 'draft' ? 'draft' : video.publish_at !== null ? 'later' : 'now',
  publish_at: video.publish_at,
});

const same = (a: OwnLabel[], b: OwnLabel[]) => own_labels.every((label) => a.includes(label) === b.includes(label));

export class Choices {
  readonly before: Chosen;
  audience = $state<Audience>('public');
  comments = $state<Who | null>(null);
  duets = $state<Who>('everyone');
  labels = $state.raw<OwnLabel[]>([]);
  when = $state<When>('now');
  /** As its field has it. */
  time = $state('');
  /** What is wrong with the time, once it was looked at. */
  wrong = $state<string | null>(null);
  /** How often it was not sent for that. */
  refusals = $state(0);

  constructor(before: Chosen) {
    this.before = before;
    this.audience = before.audience;
    this.comments = before.comments;
    this.duets = before.duets;
    this.labels = before.labels;
    this.when = before.when;
    this.time = before.publish_at === null ? '' : fieldOf(before.publish_at);
  }

  /** Its creator alone sees it, for now or for good. */
  get hidden(): boolean {
    return this.when !== 'now' || this.audience === 'only_me';
  }

  plan(when: When): void {
    this.when = when;
    this.wrong = null;
    if (when === 'later' && this.time === '') this.time = fieldOf(tomorrowEvening(Date.now()));
  }

  label(label: OwnLabel, on: boolean): void {
    this.labels = own_labels.filter((other) => (other === label ? on : this.labels.includes(other)));
  }

  /** Whether it can be sent as it is; otherwise `wrong` says why not. */
  check(now = Date.now()): boolean {
    this.wrong = this.#newTime() ? timeProblem(this.time, now) : null;
    if (this.wrong) this.refusals += 1;
    return this.wrong === null;
  }

  change(): Change {
    const { before } = this;
    const change: Change = this.#timing();
    if (this.audience !== before.audience) change.audience = this.audience;
    if (this.comments !== before.comments) change.comment_permission = this.comments;
    if (this.duets !== before.duets) change.duet_permission = this.duets;
    if (!same(this.labels, before.labels)) change.labels = this.labels;
    return change;
  }

  /** The same as an upload's metadata has it. */
  fields(): Record<string, string> {
    const { draft, labels, publish_at, ...rest } = this.change();
    const fields: Record<string, string> = {};
    for (const [name, value] of Object.entries(rest)) if (value) fields[name] = value;
    if (labels) fields['labels'] = labels.join(',');
    if (draft) fields['draft'] = '1';
    if (publish_at) fields['publish_at'] = String(publish_at);
    return fields;
  }

  /** As an upload has them that an earlier visit began. */
  take(fields: Record<string, string>): void {
    const one = <T extends string>(all: readonly T[], name: string) => all.find((value) => value === fields[name]);
    const labels = fields['labels']?.split(',') ?? [];
    this.audience = one(audiences, 'audience') ?? this.before.audience;
    this.comments = one(all_who, 'comment_permission') ?? this.before.comments;
    this.duets = one(all_who, 'duet_permission') ?? this.before.duets;
    this.labels = own_labels.filter((label) => labels.includes(label));
    this.time = fields['publish_at'] ? fieldOf(Number(fields['publish_at'])) : '';
    this.when = fields['draft'] ? 'draft' : this.time ? 'later' : 'now';
  }

  #newTime(): boolean {
    const { publish_at } = this.before;
    return this.when === 'later' && (publish_at === null || this.time !== fieldOf(publish_at));
  }

  #timing(): Change {
    if (this.#newTime()) return { publish_at: msOf(this.time) };
    if (this.when === this.before.when) return {};
    if (this.when === 'draft') return { draft: true };
    return this.before.when === 'draft' ? { draft: false } : { publish_at: null };
  }
}
