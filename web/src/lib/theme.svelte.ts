// Light, dark, or as the system says. The choice is the viewer's and stays in this browser.
import { readStored, writeStored } from './storage';

export type Theme = 'auto' | 'light' | 'dark';
const key = 'vitrine.theme';

function stored(): Theme {
  const value = readStored(key);
  return value === 'light' || value === 'dark' ? value : 'auto';
}

class ThemeChoice {
  value = $state<Theme>('auto');

  start(): void {
    this.set(stored());
  }

  set(theme: Theme): void {
    this.value = theme;
    writeStored(key, theme === 'auto' ? null : theme);
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }
}

export const theme = new ThemeChoice();
