import { describe, expect, it } from 'vitest';
import { keyBytes, obstacleOf, type Surroundings } from './device';

const good: Surroundings = { secure: true, supported: true, apple: false, permission: 'default' };

describe('this device', () => {
  it('says why it cannot be told', () => {
    expect(obstacleOf(good)).toBeNull();
    expect(obstacleOf({ ...good, permission: 'granted' })).toBeNull();
    expect(obstacleOf({ ...good, permission: 'denied' })).toBe('denied');
    expect(obstacleOf({ ...good, secure: false, supported: false })).toBe('insecure');
    expect(obstacleOf({ ...good, supported: false })).toBe('unsupported');
    expect(obstacleOf({ ...good, supported: false, apple: true })).toBe('install_first');
    expect(obstacleOf({ ...good, apple: true })).toBeNull();
  });

  it('reads keys', () => {
    expect([...keyBytes('BPv_-g')]).toEqual([4, 251, 255, 250]);
    expect(keyBytes('').length).toBe(0);
  });
});
