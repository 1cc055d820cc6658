// Birth dates, counted in the calendar of the person who types them.

export const age_min = 13;
export const years_back_max = 120;

/** "2001-02-03", or null when the calendar has no such day. */
export function calendarDay(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.toISOString().slice(0, 10) : null;
}

/** Full years between a calendar day and `now`; negative for a day to come. */
export function ageOf(birth_date: string, now = new Date()): number {
  const [year = 0, month = 0, day = 0] = birth_date.split('-').map(Number);
  const had_birthday = now.getMonth() + 1 > month || (now.getMonth() + 1 === month && now.getDate() >= day);
  return now.getFullYear() - year - (had_birthday ? 0 : 1);
}
