// The captions that somebody is writing: edits, what is wrong with them, and a copy in the browser until they are saved.
import { api, get, Problem, send } from '../lib/api';
import { readStored, writeStored } from '../lib/storage';
import type { CaptionList, ListedCaptions, Video } from '../lib/types';
import { t } from '../messages/captions';
import { inserted, merged, newId, problemsOf, readVtt, split, timeText, writeVtt, cue_chars_max, type Cue } from './cues';

const file_bytes_max = 512 * 1024;

/** How a file of captions is named to the server, by what is in it: endings lie. */
const typeOf = (text: string) => (text.replace(/^\uFEFF/, '').startsWith('WEBVTT') ? 'text/vtt' : 'application/x-subrip');

export class Draft {
  cues = $state.raw<Cue[]>([]);
  /** What the server said of a cue, until that one changes. */
  refused = $state.raw<{ id: number; text: string } | null>(null);
  unsaved = $state(false);
  restored = $state(false);
  readonly problems = $derived(problemsOf(this.cues, this.#duration()));

  constructor(
    readonly video: Video,
    readonly language: string,
    /** What the server has of it. */
    readonly listed: ListedCaptions | null,
  ) {}

  #duration(): number {
    return this.video.duration_ms;
  }

  get #path(): string {
    return `/videos/${this.video.id}/captions/${this.language}`;
  }

  get #key(): string {
    return `vitrine.captions.${this.video.id}.${this.language}`;
  }

  async load(): Promise<void> {
    const kept = this.#kept();
    if (kept) {
      this.cues = kept;
      this.unsaved = true;
      this.restored = true;
    } else {
      await this.revert();
    }
  }

  /** Takes back every change since they were saved. */
  async revert(): Promise<void> {
    this.cues = this.listed ? readVtt(await this.#file(this.listed.url)) : [];
    this.#settle();
  }

  async #file(url: string): Promise<string> {
    const response = await fetch(url);
    if (!response.ok) throw new Problem(response.status, t('error.server', { status: response.status }));
    return response.text();
  }

  #kept(): Cue[] | null {
    try {
      const cues = JSON.parse(readStored(this.#key) ?? 'null') as Omit<Cue, 'id'>[] | null;
      return cues && cues.map(({ start, end, text, top }) => ({ id: newId(), start, end, text, top }));
    } catch {
      return null;
    }
  }

  #settle(): void {
    this.unsaved = false;
    this.restored = false;
    this.refused = null;
    writeStored(this.#key, null);
  }

  set(cues: Cue[]): void {
    this.cues = cues;
    this.unsaved = true;
    writeStored(this.#key, JSON.stringify(cues));
  }

  change(id: number, change: Partial<Cue>): void {
    if (this.refused?.id === id) this.refused = null;
    this.set(this.cues.map((cue) => (cue.id === id ? { ...cue, ...change } : cue)));
  }

  remove(id: number): void {
    this.set(this.cues.filter((cue) => cue.id !== id));
  }

  insert(at: number): Cue | null {
    return this.#made(inserted(this.cues, at, this.#duration()));
  }

  split(id: number, offset: number): Cue | null {
    return this.#made(split(this.cues, id, offset));
  }

  join(id: number): void {
    const cues = merged(this.cues, id);
    if (cues) this.set(cues);
  }

  #made(edit: { cues: Cue[]; made: Cue } | null): Cue | null {
    if (edit) this.set(edit.cues);
    return edit?.made ?? null;
  }

  /** What is wrong with a cue, in words. */
  wrong(cue: Cue): string | null {
    if (this.refused?.id === cue.id) return this.refused.text;
    const problem = this.problems.get(cue.id);
    switch (problem) {
      case undefined:
        return null;
      case 'late':
        return t('captions.wrong.late', { time: timeText(this.#duration()) });
      case 'long':
        return t('captions.wrong.long', { max: cue_chars_max, count: [...cue.text].length });
      default:
        return t(`captions.wrong.${problem}`);
    }
  }

  async save(): Promise<void> {
    const { file, cueAt } = writeVtt(this.cues);
    try {
      await send<ListedCaptions>('PUT', this.#path, 'text/vtt', file);
      this.#settle();
    } catch (error) {
      this.#blame(error, cueAt);
      throw error;
    }
  }

  /** The server names a line: it is the fault of the cue that stands there. */
  #blame(error: unknown, cueAt: Map<number, number>): void {
    const found = error instanceof Error ? /^line (\d+): (.*)$/i.exec(error.message) : null;
    const id = cueAt.get(Number(found?.[1]));
    if (id !== undefined) this.refused = { id, text: found?.[2] ?? '' };
  }

  /** The file's cues take the place of all that is here. */
  async upload(file: File): Promise<ListedCaptions> {
    if (file.size > file_bytes_max) throw new Error(t('captions.too_large'));
    const answer = await send<ListedCaptions>('PUT', this.#path, typeOf(await file.slice(0, 16).text()), file);
    this.#settle();
    return answer;
  }

  async delete(): Promise<void> {
    await api('DELETE', this.#path);
    this.#settle();
  }

  /** Asks the service to write them by itself. */
  async writeAutomatically(): Promise<void> {
    await api('POST', `${this.#path}/automatic`);
    this.#settle();
  }
}

export const listOf = (video: string) => get<CaptionList>(`/videos/${video}/captions`);
