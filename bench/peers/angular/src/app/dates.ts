/// Dates and times in the language and the zone of whoever reads them.

// Making a formatter costs far more than using it, so each is made once.
const TIME = new Intl.DateTimeFormat([], { hour: 'numeric', minute: '2-digit' });
const WEEKDAY = new Intl.DateTimeFormat([], { weekday: 'short' });
const SHORT_DATE = new Intl.DateTimeFormat([], { day: 'numeric', month: 'short', year: 'numeric' });
const DATE = new Intl.DateTimeFormat([], { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** The local day of a moment, counted from the epoch. */
export function day(at: number): number {
  return Math.floor((at - new Date(at).getTimezoneOffset() * 60_000) / DAY_MILLISECONDS);
}

/** "14:05" */
export function time(at: number): string {
  return TIME.format(at);
}

/** The day as a line in a timeline names it. */
export function dayLine(at: number): string {
  const ago = day(Date.now()) - day(at);
  if (ago === 0) return 'Today';
  return ago === 1 ? 'Yesterday' : DATE.format(at);
}

/** The moment as short as a list needs it. */
export function short(at: number): string {
  const ago = day(Date.now()) - day(at);
  if (ago === 0) return TIME.format(at);
  if (ago === 1) return 'Yesterday';
  return ago < 7 ? WEEKDAY.format(at) : SHORT_DATE.format(at);
}

/** "2026-11-22T14:05:00.000Z", for machines. */
export function machine(at: number): string {
  return new Date(at).toISOString();
}
