import type { Person } from '../lib/types';

/** What somebody is called in a sentence. */
export const nameOf = ({ display_name, handle }: Person) => display_name || `@${handle}`;
