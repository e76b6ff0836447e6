// What is better, by metric and in words.

function tally(comparison) {
  const { wins = 0, ties = 0, losses = 0 } = comparison;
  const all = wins + ties + losses;
  const part = (kind, from, count) => all > 0 && svg('rect', { class: kind, x: `${from / all * 100}%`, width: `${count / all * 100}%`, y: 0, height: 6 });
  return [
    el('span', { class: 'figures' }, `${wins} / ${ties} / ${losses}`),
    svg('svg', { class: 'tally', width: '100%', height: 6, 'aria-hidden': 'true' }, part('better', 0, wins), part('same', wins, ties), part('worse', wins + ties, losses)),
  ];
}

function verdictRows(comparison, metric) {
  const interval = comparison.interval ? ` (${formatDifferenceInterval(comparison.interval, metric)})` : '';
  return [
    el('tr', { class: 'numbers' },
      el('th', { scope: 'row' }, name(metric.name), metric.judge && el('span', { class: 'note' }, ` ${metric.judge}`)),
      el('td', { 'data-label': 'Verdict' }, mark(VERDICTS[comparison.verdict])),
      number(formatValue(comparison.baseline_mean, metric), { 'data-label': comparison.baseline }),
      number(formatValue(comparison.variant_mean, metric), { 'data-label': comparison.variant }),
      number(formatDifference(comparison.difference, metric) + interval, { 'data-label': 'Difference' }),
      el('td', { class: 'number tallied', 'data-label': 'Wins / ties / losses' }, tally(comparison)),
      number(formatP(comparison.adjusted_p_value ?? comparison.p_value), { 'data-label': 'p' })),
    el('tr', { class: 'words' }, el('td', { colspan: 7 }, el('p', null, comparison.words))),
  ];
}

function verdictTable(variant) {
  const all = comparisonsOf(variant);
  const rows = [[true, 'Quality'], [false, 'What it takes']].map(([quality, title]) => {
    const group = [...metrics.values()].filter(metric => isQuality(metric) === quality)
      .map(metric => [all.find(comparison => comparison.metric === metric.name), metric]).filter(([comparison]) => comparison);
    return group.length > 0 && [
      el('tr', { class: 'group' }, el('th', { colspan: 7, scope: 'rowgroup' }, title)),
      group.map(([comparison, metric]) => verdictRows(comparison, metric)),
    ];
  });
  return table(`${variant} compared with ${baseline}`, [
    'Metric',
    'Verdict',
    { text: baseline, class: 'number' },
    { text: variant, class: 'number' },
    { text: `Difference (${confidence} interval)`, class: 'number' },
    { text: 'Wins / ties / losses', class: 'number' },
    { text: 'p (Holm)', class: 'number' },
  ], rows, { class: 'verdicts' });
}

function verdictsSection() {
  return variants.length > 0
    ? section('verdicts', 'Verdicts', null, variants.map(variant => [variants.length > 1 && el('h3', null, name(variant), ` compared with ${baseline}`), verdictTable(variant)]))
    : section('verdicts', 'Scores', 'Nothing is compared: one version was asked.', summaryTable());
}

// Each variant by each metric: means with their intervals.
function summaryTable() {
  return table('Means by variant', ['Metric', ...result.variants.flatMap(({ name: variant }) => [{ text: variant, class: 'number' }, { text: `${confidence} interval`, class: 'number' }]), { text: 'Missing', class: 'number' }],
    [...metrics.values()].filter(metric => result.summaries.some(each => each.metric === metric.name)).map(metric => el('tr', null,
      el('th', { scope: 'row' }, name(metric.name)),
      result.variants.flatMap(({ name: variant }) => {
        const summary = summaryOf(variant, metric.name);
        return [number(formatValue(summary?.mean, metric)), number(formatValueInterval(summary?.interval, metric), { class: 'number' })];
      }),
      number(formatCount(result.summaries.filter(each => each.metric === metric.name).reduce((sum, each) => sum + each.missing, 0))))));
}
