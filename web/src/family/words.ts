// Controls and their changes in words.
import { t, type family } from '../messages/family';
import type { Change, Controls } from './types';

export const control_names = ['daily_minutes', 'quiet', 'comments', 'mentions', 'sensitive_locked', 'left_out', 'search', 'findable'] as const;
export type ControlName = (typeof control_names)[number];

type Keys = keyof typeof family;

const minutesText = (text: string) => (text === '' ? t('family.value.no_limit') : t('family.value.minutes', { count: Number(text) }));

function quietText(text: string): string {
  const [from, to] = text.split('-');
  return from && to ? t('family.value.quiet', { from, to }) : t('family.value.no_quiet');
}

const topicsText = (text: string) =>
  text === ''
    ? t('family.value.no_topics')
    : text
        .split(',')
        .map((tag) => `#${tag}`)
        .join(', ');

/** A value as the history tells it; `yours`: to the young person. */
export function valueText(name: ControlName, text: string, yours: boolean): string {
  switch (name) {
    case 'daily_minutes':
      return minutesText(text);
    case 'quiet':
      return quietText(text);
    case 'left_out':
      return topicsText(text);
    case 'comments':
    case 'mentions':
      return t(`family.value.${yours ? 'yours.' : ''}${text}` as Extract<Keys, 'family.value.nobody'>);
    default:
      return t(`family.value.${name}.${text}` as Extract<Keys, 'family.value.search.on'>);
  }
}

const onOff = (value: boolean) => (value ? 'on' : 'off');

/** A control's value as the history writes it. */
export function textOf(name: ControlName, controls: Controls): string {
  switch (name) {
    case 'daily_minutes':
      return controls.daily_minutes === null ? '' : String(controls.daily_minutes);
    case 'quiet':
      return controls.quiet ? `${controls.quiet.from}-${controls.quiet.to}` : '';
    case 'left_out':
      return controls.left_out.join(',');
    case 'comments':
    case 'mentions':
      return controls[name];
    default:
      return onOff(controls[name]);
  }
}

const isControl = (what: string): what is ControlName => (control_names as readonly string[]).includes(what);

/** Titles are written to the young person; to a guardian the form's are. */
export function titleOf(name: ControlName, yours: boolean): string {
  if (yours || name === 'daily_minutes' || name === 'quiet' || name === 'left_out' || name === 'search') return t(`family.control.${name}`);
  const guardians = { comments: 'comments', mentions: 'mentions', sensitive_locked: 'sensitive', findable: 'findable' } as const;
  return t(`family.form.${guardians[name]}`);
}

export function changeText(change: Change, yours: boolean): string {
  const { what, before, after } = change;
  if (what === 'paired') return t('family.change.paired', { handle: after });
  if (what === 'ended') return t('family.change.ended', { handle: before });
  if (!isControl(what)) return what;
  return t('family.change', { what: titleOf(what, yours), before: valueText(what, before, yours), after: valueText(what, after, yours) });
}

/** "cats, #Dogs  boats" → ["cats", "dogs", "boats"] */
export function topicsIn(text: string): string[] {
  const topics = text
    .split(/[,\s]+/)
    .map((topic) => topic.replace(/^#+/, '').toLowerCase())
    .filter((topic) => topic !== '');
  return [...new Set(topics)];
}

/** "ABCDEFGH" → "ABCD-EFGH" */
export const readableCode = (code: string) => `${code.slice(0, 4)}-${code.slice(4)}`;

/** What somebody typed, as the server compares it. */
export const plainCode = (text: string) => text.replace(/[\s-]/g, '').toUpperCase();
