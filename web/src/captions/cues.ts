// Captions as somebody edits them, and as the server writes and reads them: plain WebVTT without markup. Pure.

export interface Cue {
  /** Stays with the cue while its times and text change. */
  id: number;
  start: number;
  end: number;
  text: string;
  /** In the picture's upper half. */
  top: boolean;
}

export type CueProblem = 'start' | 'end' | 'order' | 'overlap' | 'late' | 'long' | 'empty';

export const cue_chars_max = 1000;
const overhang_ms_max = 1000;
/** A cue that is made rather than read. */
const new_cue_ms = 2000;
export const cue_ms_min = 200;

let last_id = 0;
export const newId = (): number => ++last_id;

/** 61500 → "1:01.500". */
export function timeText(ms: number): string {
  const pad = (value: number, digits: number) => String(value).padStart(digits, '0');
  const minutes = Math.floor(ms / 60_000);
  return `${minutes}:${pad(Math.floor(ms / 1000) % 60, 2)}.${pad(Math.round(ms) % 1000, 3)}`;
}

/** "1:01.5", "61.5", "1:01,500" → 61500; nothing when it is no time. */
export function readTime(text: string): number | null {
  const found = /^(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,3})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!found) return null;
  const [, hours = '0', minutes = '0', seconds = '0', fraction = ''] = found;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'));
}

const stamp = (ms: number): string => {
  const pad = (value: number, digits: number) => String(value).padStart(digits, '0');
  return `${pad(Math.floor(ms / 3_600_000), 2)}:${pad(Math.floor(ms / 60_000) % 60, 2)}:${pad(Math.floor(ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`;
};

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const unescape = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Reads what the server writes. */
export function readVtt(file: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of file.replaceAll('\r\n', '\n').split(/\n{2,}/)) {
    const [times = '', ...lines] = block.split('\n');
    const found = /^(\S+) --> (\S+)( line:0)?$/.exec(times);
    const start = found?.[1] ? readTime(found[1]) : null;
    const end = found?.[2] ? readTime(found[2]) : null;
    if (start === null || end === null) continue;
    cues.push({ id: newId(), start, end, text: unescape(lines.join('\n').trimEnd()), top: found?.[3] !== undefined });
  }
  return cues;
}

/** The file, and for each of its lines the cue that stands there. */
export function writeVtt(cues: readonly Cue[]): { file: string; cueAt: Map<number, number> } {
  const lines = ['WEBVTT'];
  const cueAt = new Map<number, number>();
  for (const cue of cues) {
    const text = cue.text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    lines.push('', `${stamp(cue.start)} --> ${stamp(cue.end)}${cue.top ? ' line:0' : ''}`);
    cueAt.set(lines.length, cue.id);
    for (const line of text) {
      lines.push(escape(line));
      cueAt.set(lines.length, cue.id);
    }
  }
  return { file: `${lines.join('\n')}\n`, cueAt };
}

/** What the server would refuse, by cue. */
export function problemsOf(cues: readonly Cue[], duration_ms: number): Map<number, CueProblem> {
  const problems = new Map<number, CueProblem>();
  let before = 0;
  for (const cue of cues) {
    const problem = problemOf(cue, before, duration_ms);
    if (problem) problems.set(cue.id, problem);
    before = Math.max(before, cue.end);
  }
  return problems;
}

function problemOf(cue: Cue, before: number, duration_ms: number): CueProblem | null {
  if (cue.end <= cue.start) return 'order';
  if (cue.start < before) return 'overlap';
  if (cue.end > duration_ms + overhang_ms_max) return 'late';
  if ([...cue.text.trim()].length > cue_chars_max) return 'long';
  return cue.text.trim() === '' ? 'empty' : null;
}

/** A new cue that begins at `at` or, if a cue stands there, right after it, as long as there is room for it. */
export function inserted(cues: readonly Cue[], at: number, duration_ms: number): { cues: Cue[]; made: Cue } | null {
  const there = cues.find((cue) => cue.start <= at && at < cue.end);
  const start = Math.max(0, Math.round(there ? there.end : at));
  const next = cues.find((cue) => cue.start >= start);
  const end = Math.min(start + new_cue_ms, next?.start ?? duration_ms);
  if (end - start < cue_ms_min) return null;
  const made = { id: newId(), start, end, text: '', top: false };
  return { cues: [...cues, made].sort((a, b) => a.start - b.start), made };
}

/** The cue's text up to `offset` and from there on as two cues, the time shared by their lengths. */
export function split(cues: readonly Cue[], id: number, offset: number): { cues: Cue[]; made: Cue } | null {
  const at = cues.findIndex((cue) => cue.id === id);
  const cue = cues[at];
  if (!cue || cue.end - cue.start < 2 * cue_ms_min) return null;
  const share = cue.text.length === 0 ? 0.5 : offset / cue.text.length;
  const wanted = cue.start + Math.round((cue.end - cue.start) * share);
  const middle = Math.max(cue.start + cue_ms_min, Math.min(cue.end - cue_ms_min, wanted));
  const made = { ...cue, id: newId(), start: middle, text: cue.text.slice(offset).trim() };
  const first = { ...cue, end: middle, text: cue.text.slice(0, offset).trim() };
  return { cues: [...cues.slice(0, at), first, made, ...cues.slice(at + 1)], made };
}

/** The cue and the one after it as one. */
export function merged(cues: readonly Cue[], id: number): Cue[] | null {
  const at = cues.findIndex((cue) => cue.id === id);
  const [cue, next] = [cues[at], cues[at + 1]];
  if (!cue || !next) return null;
  const text = [cue.text.trim(), next.text.trim()].filter((part) => part !== '').join('\n');
  return [...cues.slice(0, at), { ...cue, end: Math.max(cue.end, next.end), text }, ...cues.slice(at + 2)];
}

export const cueAtTime = (cues: readonly Cue[], ms: number): Cue | null => cues.find((cue) => cue.start <= ms && ms < cue.end) ?? null;
