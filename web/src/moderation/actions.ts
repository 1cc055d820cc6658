// What moderators can do to what, and what each needs.
import type { ModerationAction, TargetKind } from '../lib/types';

export type Action = Exclude<ModerationAction, 'review' | 'hold'>;

const actions_of: Record<TargetKind, Action[]> = {
  video: ['no_action', 'label', 'limit', 'remove', 'suspend', 'warn'],
  comment: ['no_action', 'remove', 'suspend', 'warn'],
  account: ['no_action', 'suspend', 'warn'],
};

export const actionsOf = (kind: TargetKind): Action[] => actions_of[kind];

/** The public log tells of these. */
export const isPublic = (action: Action): boolean => ['label', 'limit', 'remove', 'suspend'].includes(action);

export const hasDays = (action: Action | null): action is 'limit' | 'suspend' => action === 'limit' || action === 'suspend';
