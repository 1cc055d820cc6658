// Marks in the browser's own timeline, for benches and for whoever wants to know.

export type Moment = 'swipe' | 'first-frame' | 'cold-first-frame' | 'stall';

export function mark(moment: Moment, video: string): void {
  performance.mark(`vitrine:${moment}`, { detail: { video } });
}
