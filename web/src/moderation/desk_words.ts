// Decisions in words of moderators.
import type { Decision } from '../lib/types';
import { t } from '../messages/moderators';

/** "Labelled sensitive, AI-made: video" */
export function doneIn({ action, labels, target }: Pick<Decision, 'action' | 'labels' | 'target'>): string {
  const which = labels.map((label) => t(`decision.label.${label}`)).join(', ');
  return `${t(`appeals.title.${action}`)}${which ? ` ${which}` : ''}: ${t(`appeals.kind.${target.kind}`)}`;
}
