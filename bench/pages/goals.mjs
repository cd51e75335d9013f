/// What the figures are to be, and whether they are. A KB is 1,000 bytes and an MB 1,000,000.

const FIRST_VISIT = 200_000;
const OPENING = 50;
const FRAME = 1000 / 60;
/** A frame that comes later than this was left out: nobody sees less. */
const LATE_FRAME = 1.5 * FRAME;
const TAB = 80_000_000;
/** As much as a tab may grow between the first quarter of the messages and the last, and still be flat. */
const FLAT = 1.1;

/** A row for each goal about which something was measured. */
export function goals({ bytes, loading, opening, sending, frames, memory, hour }) {
  const rows = [];
  const add = (goal, measured, limit) => rows.push({ goal, measured, limit, met: measured <= limit });
  if (bytes) add('bytes of a first visit', bytes.natter.body, FIRST_VISIT);
  for (const { conditions, visit, natter, angular } of loading ?? []) {
    const [own, peer] = [natter, angular].map(({ interactive }) => interactive.median);
    add(`ms until one can type, ${conditions}, ${visit}: no later than Angular`, own, peer);
  }
  if (opening) add('ms to open a conversation seen before, p99', opening.natter.painted.p99, OPENING);
  if (sending) {
    const { frames, begun } = sending.natter;
    add('frames from the key to the one with the message, at most', Math.max(...Object.keys(frames).map(Number)), 1);
    add('ms from the key to the frame with the message, p99', begun.p99, FRAME);
  }
  if (frames) {
    const { scrolling, arriving } = frames.natter;
    add('ms between frames while scrolling, p99', scrolling.p99, LATE_FRAME);
    add('ms between frames while 50 messages a second arrive, p99', arriving.p99, LATE_FRAME);
  }
  if (memory) {
    const held = memory.natter.rows.filter(({ messages }) => messages > 0);
    add('bytes of a tab, at most', Math.max(...held.map((row) => row.privateFootprint)), TAB);
    add('the same before rubbish is collected', Math.max(...held.map((row) => row.uncollected.privateFootprint)), TAB);
    for (const what of ['receiving', 'scrolling back']) {
      const row = held.filter(({ after }) => after === what);
      add(`growth of a tab while ${what}`, row.at(-1).privateFootprint / row[0].privateFootprint, FLAT);
    }
  }
  if (hour) {
    // What an hour adds begins once both conversations have been open.
    const [, first, ...later] = hour.natter.rows;
    const held = later.map((row) => row.privateFootprint);
    add('bytes of a tab over an hour, at most', Math.max(first.privateFootprint, ...held), TAB);
    add('growth of a tab over an hour', held.at(-1) / first.privateFootprint, FLAT);
  }
  return rows;
}
