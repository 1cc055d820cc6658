// What lies over the feed, or beside it, about the clip on the screen: its menu, a sheet, its comments; and the help.
import { session } from '../lib/session.svelte';
import { social, type Gate } from '../lib/social.svelte';

/** They come when they are opened: the first load is without them. */
export const sheetsOf = {
  share: () => import('../share/Share.svelte'),
  collect: () => import('../saved/Collect.svelte'),
  report: () => import('../report/Report.svelte'),
  captions: () => import('../captions/CaptionSettings.svelte'),
};
export type Sheet = keyof typeof sheetsOf;

/** What only somebody signed in can do. */
const gates: Partial<Record<Sheet, Gate>> = { collect: 'save', report: 'report' };

export class Sheets {
  menu = $state<'closed' | 'menu' | 'why'>('closed');
  over = $state<Sheet | null>(null);
  talking = $state(false);
  help = $state(false);

  constructor(talking: boolean) {
    this.talking = talking;
  }

  /** Something is over the clip: the feed does not move on. Comments are no hindrance. */
  get cover(): boolean {
    return this.menu !== 'closed' || this.over !== null;
  }

  /** In the menu's place, if it was open. */
  open(sheet: Sheet): void {
    this.menu = 'closed';
    const gate = gates[sheet];
    if (gate && !session.account) social.gate = gate;
    else this.over = sheet;
  }

  shut(): void {
    this.menu = 'closed';
    this.over = null;
    this.talking = false;
    this.help = false;
  }
}
