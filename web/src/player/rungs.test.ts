import { describe, expect, it } from 'vitest';
import type { Source } from '../lib/types';
import { Bandwidth } from './bandwidth';
import { chooseRung, fills, shownHeight } from './rungs';

const rung = (height: number, bitrate: number): Source => ({
  url: `/media/x/${height}.mp4`,
  width: Math.round((height * 9) / 16),
  height,
  bitrate,
  bytes: 1,
  codecs: '',
});
const ladder = [rung(640, 700_000), rung(960, 1_600_000), rung(1280, 3_000_000), rung(1920, 6_000_000)];

describe('chooseRung', () => {
  it('takes the smallest that fills the element', () => {
    expect(chooseRung(ladder, 600, 50e6)?.height).toBe(640);
    expect(chooseRung(ladder, 900, 50e6)?.height).toBe(960);
    expect(chooseRung(ladder, 1688, 50e6)?.height).toBe(1920);
  });

  it('forgives a tenth', () => {
    expect(chooseRung(ladder, 700, 50e6)?.height).toBe(640);
    expect(chooseRung(ladder, 720, 50e6)?.height).toBe(960);
  });

  it('takes no more than the network carries', () => {
    expect(chooseRung(ladder, 1688, 4_000_000)?.height).toBe(1280);
    expect(chooseRung(ladder, 1688, 100_000)?.height).toBe(640);
  });

  it('takes the largest when all are too small, and none of none', () => {
    expect(chooseRung(ladder.slice(0, 2), 1688, 50e6)?.height).toBe(960);
    expect(chooseRung([], 1688, 50e6)).toBeNull();
  });
});

describe('shownHeight', () => {
  it('counts device pixels, at most two to one', () => {
    const phone = { width: 390, height: 788 };
    expect(shownHeight(phone, { width: 540, height: 960 }, 3, true)).toBeCloseTo(1576);
    expect(shownHeight(phone, { width: 960, height: 540 }, 1, false)).toBeCloseTo(219.4, 1);
  });
});

describe('fills', () => {
  it('crops near shapes and shows others whole', () => {
    const box = { width: 390, height: 788 };
    expect(fills(box, { width: 1080, height: 1920 })).toBe(true);
    expect(fills(box, { width: 1920, height: 1080 })).toBe(false);
    expect(fills(box, { width: 720, height: 720 })).toBe(false);
    expect(fills({ width: 0, height: 0 }, { width: 0, height: 0 })).toBe(true);
  });
});

describe('Bandwidth', () => {
  it('starts from what it was told, then follows what it measures', () => {
    const line = new Bandwidth(null, 8_000_000);
    expect(line.bitsPerSecond).toBe(8_000_000);
    for (let i = 0; i < 12; i += 1) line.measured(800_000, 3200);
    expect(line.bitsPerSecond).toBeGreaterThan(1.9e6);
    expect(line.bitsPerSecond).toBeLessThan(2.4e6);
  });

  it('learns nothing from small transfers', () => {
    const line = new Bandwidth(5_000_000);
    line.measured(2_000, 400);
    expect(line.bitsPerSecond).toBe(5_000_000);
  });
});
