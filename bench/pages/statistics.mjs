/// Figures of many runs in a few.

/** What is said of a row of figures, rounded to a tenth. */
export function summary(figures) {
  const sorted = [...figures].sort((one, other) => one - other);
  const at = (share) => rounded(quantile(sorted, share));
  return {
    count: sorted.length,
    min: at(0),
    lowerQuartile: at(0.25),
    median: at(0.5),
    upperQuartile: at(0.75),
    max: at(1),
  };
}

/** The same for rows that are long enough to have a tail. */
export function summaryWithTail(figures) {
  const sorted = [...figures].sort((one, other) => one - other);
  // The nearest rank: of fifty the largest, and not a value between two that nobody has measured.
  const p99 = rounded(sorted[Math.ceil(0.99 * sorted.length) - 1]);
  return { ...summary(sorted), p99 };
}

/** How often each value occurs. */
export function occurrences(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

export function rounded(figure) {
  return Math.round(figure * 10) / 10;
}

/** Between neighbours in proportion. */
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
