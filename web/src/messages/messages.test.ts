// The catalogue, and that no component says anything past it.
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { about, ago, bytes, clock, number, short, t } from '.';
import { className, countryName, purposeName } from './glass';

const components = Object.entries(import.meta.glob<string>('../**/*.svelte', { query: '?raw', import: 'default', eager: true }));
const scripts = Object.entries(import.meta.glob<string>('../**/*.ts', { query: '?raw', import: 'default', eager: true }));
// A catalogue is called as its file is.
const modules = Object.entries(import.meta.glob<Record<string, unknown>>(['./*.ts', '!./*.test.ts', '!./index.ts'], { eager: true }));
const catalogues = Object.fromEntries(modules.map(([path, module]) => {
  const name = path.slice(2, -3);
  return [name, module[name] as Record<string, unknown>];
}));
const spoken_attributes = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'hint', 'aria-valuetext', 'text', 'lead']);
const word = /\p{L}{2,}/u;

function strayTexts(code: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type } = node as { type?: string };
    if (type === 'StyleDirective' || type === 'Comment' || type === 'Script' || type === 'StyleSheet') return;
    if (type === 'Attribute') {
      const { name, value } = node as AST.Attribute;
      const parts = Array.isArray(value) ? value : [];
      for (const part of parts) {
        if (part.type === 'Text' && spoken_attributes.has(name) && word.test(part.data)) found.push(`${name}="${part.data}"`);
      }
      return;
    }
    if (type === 'Text' && word.test((node as AST.Text).data)) found.push((node as AST.Text).data.trim());
    for (const [key, child] of Object.entries(node)) if (key !== 'metadata') visit(child);
  };
  visit(parse(code, { modern: true }).fragment);
  return found;
}

describe('components', () => {
  it('take every word from the catalogue', () => {
    expect(components.length).toBeGreaterThan(15);
    for (const [name, code] of components) expect({ name, stray: strayTexts(code) }).toEqual({ name, stray: [] });
  });

  it('would be caught otherwise', () => {
    expect(strayTexts('<p title="Hello">There</p>')).toEqual(['title="Hello"', 'There']);
  });

  it('carry no style attribute, which the security policy forbids', () => {
    for (const [, code] of components) expect(code).not.toMatch(/\sstyle="/);
  });

  it('leave no message unused', () => {
    const files = Object.keys(catalogues).map((name) => `./${name}.ts`);
    const code = [...components, ...scripts.filter(([name]) => !files.includes(name))].map(([, text]) => text).join('\n');
    const built = [...code.matchAll(/`([a-z_.]+[._])\$\{/g)].map((found) => found[1] ?? '');
    // Closed lists of the server's, looked up by their own words.
    built.push('glass.purpose.', 'glass.class.', 'glass.role.');
    const unused = Object.values(catalogues).flatMap((catalogue) => Object.keys(catalogue)).filter(
      (key) => !code.includes(`'${key}'`) && !built.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});

describe('the catalogues of later pages', () => {
  it('take no key from one another', () => {
    const keys = Object.values(catalogues).flatMap((catalogue) => Object.keys(catalogue));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });
});

describe('words of the server', () => {
  it('are told in words of people, unknown ones as they are', () => {
    expect(purposeName('abuse-case')).toBe('A case of abuse');
    expect(purposeName('weather')).toBe('weather');
    expect(className('minor.contact')).toBe('E-mail address of a minor');
    expect(className('minor.shoe')).toBe('shoe of a minor');
    expect(countryName('NL')).toBe('Netherlands');
    expect(countryName('nowhere')).toBe('nowhere');
  });
});

describe('t', () => {
  it('fills in and chooses the plural', () => {
    expect(t('app.title', { page: 'Upload' })).toBe('Upload · Vitrine');
    expect(t('video.views', { count: 1 })).toBe('1 view');
    expect(t('video.views', { count: 1200 })).toBe('1,200 views');
    expect(t('profile.followers', { count: 0 })).toBe('followers');
  });
});

describe('formats', () => {
  it('are short', () => {
    expect(number(1_234_567)).toBe('1,234,567');
    expect(short(1_234_567)).toBe('1.2M');
    expect(clock(83_000)).toBe('1:23');
    expect(clock(3_600_000)).toBe('1:00:00');
    expect(bytes(1_536_000)).toBe('1.5 MB');
    expect(bytes(900)).toBe('900 byte');
    expect(about(90_000)).toBe('2 minutes');
    const now = Date.UTC(2026, 5, 15, 12);
    expect(ago(now - 20_000, now)).toBe('just now');
    expect(ago(now - 3 * 3_600_000, now)).toBe('3 hours ago');
    expect(ago(now - 30 * 86_400_000, now)).toBe('May 16, 2026');
  });
});
