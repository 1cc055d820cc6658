// What is asked of the server besides the file: a cut, a cover, another video. Pure.
import { upload_ms_max } from '../lib/rules';
import { t } from '../messages/editing';

export const cut_ms_min = 500;
export const piece_ms_max = 5_000;

export type LoanKind = 'duet' | 'stitch' | 'sound';
const kinds: LoanKind[] = ['duet', 'stitch', 'sound'];

/** Times in the file. */
export interface Cut {
  start_ms: number;
  /** Null: where the clip ends. */
  end_ms: number | null;
  /** Null: the first frame. */
  cover_ms: number | null;
}

export interface Loan {
  kind: LoanKind;
  video: string;
  /** Of a stitch: the piece of the other video. */
  piece: { start_ms: number; end_ms: number };
  /** Of a sound. */
  own_sound: boolean;
}

export const whole = (): Cut => ({ start_ms: 0, end_ms: null, cover_ms: null });

/** The other video that the page's address asks for. */
export function asked(search: string): { kind: LoanKind; video: string } | null {
  const query = new URLSearchParams(search);
  for (const kind of kinds) {
    const video = query.get(kind);
    if (video) return { kind, video };
  }
  return null;
}

/** As the upload's metadata has it; what is left as it is is not named. */
export function fieldsOf(cut: Cut, loan: Loan | null): Record<string, string> {
  const fields: Record<string, string> = {};
  const put = (name: string, ms: number) => (fields[name] = String(Math.round(ms)));
  if (cut.start_ms > 0) put('trim_start_ms', cut.start_ms);
  if (cut.end_ms !== null) put('trim_end_ms', cut.end_ms);
  if (cut.cover_ms !== null) put('cover_ms', cut.cover_ms);
  if (!loan) return fields;
  fields[`${loan.kind}_of`] = loan.video;
  if (loan.kind === 'stitch') {
    put('stitch_start_ms', loan.piece.start_ms);
    put('stitch_end_ms', loan.piece.end_ms);
  }
  if (loan.kind === 'sound') fields['own_sound'] = loan.own_sound ? 'low' : 'off';
  return fields;
}

/** Two ends on a line; the one that moves stops at the other, and takes it along where there is a longest length. */
export interface Range {
  start_ms: number;
  end_ms: number;
}
export interface Bounds {
  duration_ms: number;
  min_ms: number;
  max_ms: number;
}

const between = (low: number, value: number, high: number) => Math.min(Math.max(low, value), Math.max(low, high));

export function moveStart(range: Range, to_ms: number, { duration_ms, min_ms, max_ms }: Bounds): Range {
  const start_ms = between(0, to_ms, Math.min(range.end_ms, duration_ms) - min_ms);
  return { start_ms, end_ms: Math.min(range.end_ms, start_ms + max_ms) };
}

export function moveEnd(range: Range, to_ms: number, { duration_ms, min_ms, max_ms }: Bounds): Range {
  const end_ms = between(Math.min(range.start_ms + min_ms, duration_ms), to_ms, duration_ms);
  return { start_ms: Math.max(range.start_ms, end_ms - max_ms), end_ms };
}

/** "1.5" → 1500; null for what is no time of a clip. */
export function msOf(seconds: string): number | null {
  if (!/^\d{1,3}([.,]\d{1,3})?$/.test(seconds.trim())) return null;
  const ms = Math.round(Number(seconds.trim().replace(',', '.')) * 1000);
  return ms <= upload_ms_max ? ms : null;
}

export interface Numbers {
  start: string;
  end: string;
  cover: string;
}

/** A cut typed in seconds, or what is wrong with it. */
export function readNumbers({ start, end, cover }: Numbers): Cut | string {
  const read = (text: string) => (text.trim() === '' ? null : (msOf(text) ?? Number.NaN));
  const start_ms = read(start) ?? 0;
  const end_ms = read(end);
  const cover_ms = read(cover);
  if ([start_ms, end_ms, cover_ms].some((ms) => Number.isNaN(ms))) return t('cut.number_bad');
  if (end_ms !== null && end_ms - start_ms < cut_ms_min) return t('cut.order_bad');
  if (cover_ms !== null && (cover_ms < start_ms || cover_ms > (end_ms ?? upload_ms_max))) return t('cut.cover_bad');
  return { start_ms, end_ms, cover_ms };
}
