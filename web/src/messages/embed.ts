// What the player on other people's pages says.
import { teller } from '.';
import { en } from './en';

export const embed = {
  'embed.open': 'Watch on Vitrine',
  'embed.home': 'Go to Vitrine',
} as const;

export const t = teller({ ...en, ...embed });
