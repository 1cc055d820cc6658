// What moderators have before them. Nothing is shown before the server has said it.
import { api, get, messageOf, post } from '../lib/api';
import type { AutomaticRules, Decision, List, ModerationCase, NewDecision, OpenAppeal, ReportReason, TargetKind } from '../lib/types';

/** Others work in other browsers. */
const refresh_ms = 10_000;
/** The server hands out no more at once. */
export const queue_listed_max = 50;

export interface Filter {
  kind: TargetKind | 'all';
  claim: 'all' | 'free' | 'mine';
  reason: ReportReason | 'rule' | 'all';
}

export const everything: Filter = { kind: 'all', claim: 'all', reason: 'all' };

/** Pure: what of the queue fits. */
export function sift(cases: readonly ModerationCase[], { kind, claim, reason }: Filter): ModerationCase[] {
  return cases.filter(
    (one) =>
      (kind === 'all' || one.target.kind === kind) &&
      (claim === 'all' || (claim === 'mine' ? one.claim?.mine === true : one.claim === null)) &&
      (reason === 'all' || one.newest.some((report) => report.reason === reason)),
  );
}

export class Desk {
  cases = $state.raw<ModerationCase[]>([]);
  appeals = $state.raw<OpenAppeal[]>([]);
  reasons = $state.raw<Partial<Record<ReportReason, string>>>({});
  filter = $state.raw<Filter>(everything);
  chosen = $state<string | null>(null);
  loaded = $state(false);
  problem = $state<string | null>(null);
  readonly shown = $derived(sift(this.cases, this.filter));
  readonly current = $derived(this.cases.find(({ id }) => id === this.chosen) ?? null);
  #timer = 0;

  async load(): Promise<void> {
    this.problem = null;
    try {
      const [words] = await Promise.all([get<List<{ reason: ReportReason; text: string }>>('/reports/reasons'), this.reload()]);
      this.reasons = Object.fromEntries(words.items.map(({ reason, text }) => [reason, text]));
      this.loaded = true;
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  async reload(): Promise<void> {
    const [queue, appeals] = await Promise.all([
      get<List<ModerationCase>>('/moderation/queue'),
      get<List<OpenAppeal>>('/moderation/appeals'),
    ]);
    this.cases = queue.items;
    this.appeals = appeals.items;
  }

  /** Keeps both lists fresh until the function it gives is called. A round that fails is made up for by the next. */
  watch(): () => void {
    this.#timer = window.setInterval(() => {
      if (this.loaded && !document.hidden) this.reload().catch(() => {});
    }, refresh_ms);
    return () => clearInterval(this.#timer);
  }

  /** The next case of those shown, or the one before; the first if none is chosen. */
  move(by: 1 | -1): void {
    const at = this.shown.findIndex(({ id }) => id === this.chosen);
    const to = at < 0 ? (by > 0 ? 0 : this.shown.length - 1) : Math.min(Math.max(at + by, 0), this.shown.length - 1);
    this.chosen = this.shown[to]?.id ?? null;
  }

  async claim(one: ModerationCase): Promise<void> {
    this.#replace(await post<ModerationCase>(`/moderation/queue/${one.id}/claim`));
  }

  async release(one: ModerationCase): Promise<void> {
    this.#replace(await post<ModerationCase>(`/moderation/queue/${one.id}/release`));
  }

  /** The case leaves the list; the one after it is chosen. */
  async decide(one: ModerationCase, decision: NewDecision): Promise<void> {
    await post<Decision>(`/moderation/queue/${one.id}/decision`, decision);
    const at = this.shown.findIndex(({ id }) => id === one.id);
    const next = this.shown[at + 1] ?? this.shown[at - 1];
    this.cases = this.cases.filter(({ id }) => id !== one.id);
    this.chosen = next?.id ?? null;
  }

  async decideAppeal(one: OpenAppeal, outcome: 'upheld' | 'reversed', reason: string): Promise<void> {
    await post<Decision>(`/moderation/appeals/${one.id}/decision`, { outcome, reason });
    this.appeals = this.appeals.filter(({ id }) => id !== one.id);
  }

  #replace(now: ModerationCase): void {
    this.cases = this.cases.map((other) => (other.id === now.id ? now : other));
  }
}

export const earlierDecisions = async (account: string): Promise<Decision[]> =>
  (await get<List<Decision>>(`/moderation/accounts/${account}/decisions`)).items;

export const readRules = () => get<AutomaticRules>('/moderation/rules');
export const saveRules = (rules: AutomaticRules) => api<AutomaticRules>('PUT', '/moderation/rules', rules);
