// Reports and decisions in words of people.
import type { Decision, Report } from '../lib/types';
import { locale } from '../messages';
import { t } from '../messages/moderation';

const full = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit' });

/** "May 16, 2026 at 14:05" */
export const moment = (at: number): string => full.format(at);

export type Standing = 'in_force' | 'ended' | 'reversed' | 'told';

/** A warning or a look restricts nothing, so that it is neither in force nor ended. */
export function standingOf(decision: Pick<Decision, 'action' | 'in_force' | 'reversed'>): Standing {
  if (decision.reversed) return 'reversed';
  if (['no_action', 'review', 'warn'].includes(decision.action)) return 'told';
  return decision.in_force ? 'in_force' : 'ended';
}

export function meaningOf(decision: Pick<Decision, 'action' | 'labels'>): string {
  if (decision.action !== 'label') return t(`decision.means.${decision.action}`);
  return t('decision.means.label', { labels: decision.labels.map((label) => t(`decision.label.${label}`)).join(', ') });
}

export function scopeOf(decision: Pick<Decision, 'action' | 'until' | 'in_force' | 'reversed'>): string {
  const standing = standingOf(decision);
  if (standing === 'told') return t('decision.scope.none');
  if (standing === 'reversed' || (standing === 'ended' && decision.until === null)) return t(`decision.scope.${standing}`);
  if (decision.until !== null) return t('decision.scope.until', { when: moment(decision.until) });
  return t(decision.action === 'hold' ? 'decision.scope.held' : 'decision.scope.open');
}

export type Fate = 'open' | 'gone' | 'acted' | 'not_acted' | 'reversed';

export function fateOf({ open, outcome }: Pick<Report, 'open' | 'outcome'>): Fate {
  if (open) return 'open';
  if (!outcome) return 'gone';
  if (outcome.reversed) return 'reversed';
  return outcome.action === 'no_action' ? 'not_acted' : 'acted';
}

export function subjectOf({ target, account }: Pick<Report, 'target' | 'account'>): string {
  return account ? t('reports.of.named', { handle: account.handle }) : t(`reports.of.${target.kind}`);
}

/** An appeal is possible now. */
export function isAppealable(decision: Pick<Decision, 'appeal' | 'appeal_until' | 'reversed'>, now: number): boolean {
  return decision.appeal === null && !decision.reversed && decision.appeal_until !== null && now <= decision.appeal_until;
}
