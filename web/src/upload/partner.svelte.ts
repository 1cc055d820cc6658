// The other video that an upload is to be made with, and what of it.
import { get, messageOf, Problem } from '../lib/api';
import type { Video } from '../lib/types';
import { t } from '../messages/editing';
import { piece_ms_max, type Loan, type LoanKind, type Range } from './edits';

export class Partner {
  readonly kind: LoanKind;
  readonly id: string;
  video = $state.raw<Video | null>(null);
  /** Why it cannot be. */
  trouble = $state.raw<{ title: string; text: string } | null>(null);
  piece = $state.raw<Range>({ start_ms: 0, end_ms: piece_ms_max });
  own_sound = $state(false);
  element = $state.raw<HTMLVideoElement | null>(null);
  now_ms = $state<number | null>(null);

  constructor(kind: LoanKind, id: string) {
    this.kind = kind;
    this.id = id;
  }

  async load(): Promise<void> {
    try {
      const video = await get<Video>(`/videos/${encodeURIComponent(this.id)}`);
      if (!video.may_duet) {
        this.trouble = { title: t('with.refused.title'), text: t('with.refused.text') };
      } else if (this.kind === 'sound' && !video.has_audio) {
        this.trouble = { title: t('with.refused.title'), text: t('with.silent') };
      } else {
        this.piece = { start_ms: 0, end_ms: Math.min(piece_ms_max, video.duration_ms) };
        this.video = video;
      }
    } catch (error) {
      const gone = error instanceof Problem && (error.status === 404 || error.status === 410);
      this.trouble = gone
        ? { title: t('with.gone.title'), text: t('with.gone.text') }
        : { title: t('feed.error.title'), text: messageOf(error) };
    }
  }

  loan(): Loan {
    return { kind: this.kind, video: this.id, piece: this.piece, own_sound: this.own_sound };
  }

  /** Plays along with what is recorded or looked at; a stitch has it before, not beside. */
  get companion(): HTMLVideoElement | null {
    return this.kind === 'stitch' ? null : this.element;
  }
}
