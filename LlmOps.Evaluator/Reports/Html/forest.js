// Differences with their intervals about a line of no difference; right of it is better, whichever way the metric goes.

function whisker(comparison, metric, reach, label) {
  const turned = isUpward(metric) ? 1 : -1;
  const place = value => percent(0.5 + turned * value / reach / 2);
  const kind = VERDICTS[comparison.verdict].class;
  const { interval, difference } = comparison;
  return chart(34, label,
    svg('line', { class: 'zero', x1: '50%', x2: '50%', y1: 0, y2: 34 }),
    interval && svg('line', { class: `interval ${kind}`, x1: place(interval.low), x2: place(interval.high), y1: 17, y2: 17 }),
    interval && [interval.low, interval.high].map(end => svg('line', { class: `interval ${kind}`, x1: place(end), x2: place(end), y1: 12, y2: 22 })),
    isNumber(difference) && svg('circle', { class: `point ${kind}`, cx: place(difference), cy: 17, r: 5.5 }));
}

const reachOf = comparison => Math.max(...[comparison.difference, comparison.interval?.low, comparison.interval?.high].filter(isNumber).map(Math.abs), 0);

// Rows are { label, comparison, metric }. Each has a scale of its own, or all have one.
function forest(caption, rows, hasOneScale) {
  const widest = Math.max(...rows.map(row => reachOf(row.comparison)));
  return table(caption, ['', { text: '← worse · better →', class: 'middle' }, { text: 'Difference', class: 'number' }, { text: 'Cases', class: 'number' }, 'Verdict'],
    rows.map(({ label, comparison, metric }) => {
      const reach = (hasOneScale ? widest : reachOf(comparison)) * 1.1 || 1;
      const text = formatDifference(comparison.difference, metric);
      const range = comparison.interval ? formatDifferenceInterval(comparison.interval, metric) : 'no interval';
      return el('tr', null,
        el('th', { scope: 'row' }, label),
        el('td', { class: 'plot' }, whisker(comparison, metric, reach, `${text}, ${range}`)),
        el('td', { class: 'number' }, text, el('span', { class: 'note' }, ` ${range}`)),
        number(formatCount(comparison.cases)),
        el('td', null, mark(VERDICTS[comparison.verdict])));
    }), { class: 'forest' });
}

function forestSection() {
  return section('differences', 'Differences',
    `The mean difference of each metric with its ${confidence} interval. An interval that crosses the line leaves open which of the two is better. Each metric has its own scale.`,
    variants.map(variant => [
      variants.length > 1 && el('h3', null, name(variant)),
      forest(`Differences of ${variant}`, [...metrics.values()].map(metric => ({ label: name(metric.name), metric, comparison: comparisonOf(variant, metric.name) })).filter(row => row.comparison), false),
    ]));
}
