// How fast an upload goes and how long it will still take.

const window_ms = 6_000;

export class Speed {
  #samples: { at: number; sent: number }[] = [];

  note(sent: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last && sent < last.sent) this.#samples = [];
    this.#samples = [...this.#samples.filter((sample) => at - sample.at <= window_ms), { at, sent }];
  }

  reset(): void {
    this.#samples = [];
  }

  /** Bytes a second over the last moments; null before there is anything to say. */
  get rate(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < 500) return null;
    return ((last.sent - first.sent) * 1000) / (last.at - first.at);
  }

  leftMs(size: number): number | null {
    const last = this.#samples.at(-1);
    const rate = this.rate;
    return rate && last ? ((size - last.sent) / rate) * 1000 : null;
  }
}
