import { describe, expect, it } from 'vitest';
import { commandOf, shortcuts } from './shortcuts';

describe('shortcuts', () => {
  it('are the same with a capital letter', () => {
    expect(commandOf('j', false)).toBe('next');
    expect(commandOf('J', false)).toBe('next');
    expect(commandOf('ArrowDown', false)).toBe('next');
    expect(commandOf('arrowdown', false)).toBeNull();
  });

  it('leave the space bar to a button that has the focus, and nothing else', () => {
    expect(commandOf(' ', false)).toBe('play');
    expect(commandOf(' ', true)).toBeNull();
    expect(commandOf('m', true)).toBe('sound');
  });

  it('have one meaning each', () => {
    const keys = shortcuts.flatMap((shortcut) => Object.keys(shortcut.keys));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('leave the browser what it has for itself', () => {
    for (const key of ['Tab', 'Enter', 'Escape', 'Home', 'F5', 'x']) expect(commandOf(key, false)).toBeNull();
  });
});
