import { describe, expect, it } from 'vitest';
import { match, safeNext } from './router.svelte';

describe('match', () => {
  it('knows every page', () => {
    expect(match('/')).toEqual({ name: 'feed', mode: 'for_you' });
    expect(match('/', '?feed=fresh')).toEqual({ name: 'feed', mode: 'fresh' });
    expect(match('/following')).toEqual({ name: 'feed', mode: 'following' });
    expect(match('/following/')).toEqual({ name: 'feed', mode: 'following' });
    const plain = ['upload', 'sign-in', 'sign-up', 'settings', 'your-feed', 'my-data', 'glass', 'staff', 'recover'] as const;
    for (const name of [...plain, 'search', 'notifications', 'saved', 'reports', 'decisions', 'moderation', 'family', 'unsubscribe'] as const) {
      expect(match(`/${name}`)).toEqual({ name });
    }
    expect(match('/recover', '?token=abc')).toEqual({ name: 'recover' });
    expect(match('/@mira.k')).toEqual({ name: 'profile', handle: 'mira.k' });
    expect(match('/v/01hzy3')).toEqual({ name: 'video', id: '01hzy3' });
    expect(match('/embed/01hzy3')).toEqual({ name: 'embed', id: '01hzy3' });
    expect(match('/v/01hzy3/captions')).toEqual({ name: 'captions', id: '01hzy3' });
    expect(match('/sound/01hzy3')).toEqual({ name: 'sound', id: '01hzy3' });
    expect(match('/duets/01hzy3')).toEqual({ name: 'duets', id: '01hzy3' });
    expect(match('/studio')).toEqual({ name: 'studio', video: '' });
    expect(match('/studio/v/01hzy3')).toEqual({ name: 'studio', video: '01hzy3' });
    expect(match('/studio/videos')).toEqual({ name: 'studio-videos' });
    expect(match('/studio/playlists')).toEqual({ name: 'studio-playlists' });
    expect(match('/studio/v/01hzy3/edit')).toEqual({ name: 'edit', id: '01hzy3' });
    expect(match('/playlist/01hzy3')).toEqual({ name: 'playlist', id: '01hzy3' });
    expect(match('/moderation/verification')).toEqual({ name: 'verification-desk' });
    expect(match('/tag/%C3%A9t%C3%A9')).toEqual({ name: 'tag', tag: 'été' });
  });

  it('finds nothing elsewhere', () => {
    for (const path of ['/v/', '/v/a/b', '/@', '/@a/b', '/@%E0%A4%A', '/v/%2e', '/uploads/x', '/tag/', '/tag/a/b', '/tag/%E0', '/embed/', '/embed/%2e', '/sound/', '/sound/a/b', '/duets/%2e', '/playlist/', '/playlist/a/b', '/studio/v/a/b', '/studio/v//edit', '/studio/other', '/Upload', '//']) {
      const { name } = match(path);
      expect([path, name === 'not-found' || path === '//']).toEqual([path, true]);
    }
  });
});

describe('safeNext', () => {
  it('stays within the app', () => {
    expect(safeNext('/upload')).toBe('/upload');
    for (const next of [null, '', 'https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'javascript:alert(1)']) {
      expect(safeNext(next)).toBe('/');
    }
  });
});
