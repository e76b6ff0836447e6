// How the cases' values lie, by metric and variant.

const BINS = 24;
const BAND = 54;

function histogram(values, scale, top, kind) {
  const counts = new Array(BINS).fill(0);
  for (const value of values) {
    counts[Math.min(BINS - 1, Math.floor(scale.place(value) * BINS))]++;
  }
  const most = Math.max(...counts);
  return counts.map((count, bin) => {
    const height = count === 0 ? 0 : Math.max(1.5, count / most * (BAND - 22));
    const range = `${formatNumber(scale.value(bin / BINS))} to ${formatNumber(scale.value((bin + 1) / BINS))}: ${counted(count, 'case')}`;
    return count > 0 && svg('rect', { class: `bar ${kind}`, x: percent((bin + 0.06) / BINS), width: extent(0.88 / BINS), y: top + BAND - height, height }, svg('title', null, range));
  });
}

// Rates: what share passed, and how surely.
function rateBar(summary, top, kind) {
  const place = value => percent(value);
  return [
    svg('rect', { class: 'rail', x: percent(0), width: extent(1), y: top + 24, height: 14, rx: 2 }),
    svg('rect', { class: `bar ${kind}`, x: percent(0), width: extent(summary.mean), y: top + 24, height: 14, rx: 2 }),
    summary.interval && svg('line', { class: 'reach', x1: place(summary.interval.low), x2: place(summary.interval.high), y1: top + 31, y2: top + 31 }),
  ];
}

function distribution(metric) {
  const rows = result.variants.map(({ name: variant }, index) => ({
    variant,
    kind: index === 0 && variants.length > 0 ? 'baseline' : 'variant',
    summary: summaryOf(variant, metric.name),
    values: result.cases.map(each => valueOf(each, variant, metric)).filter(isNumber),
  })).filter(row => row.values.length > 0);
  if (rows.length === 0) {
    return null;
  }
  const isRate = metric.kind === 'Pass';
  const scale = scaleOf(isRate ? [0, 1] : rows.flatMap(row => row.values), metric);
  const height = rows.length * BAND + 24;
  return el('figure', null,
    el('figcaption', null, name(metric.name), el('span', { class: 'note' }, `${isRate ? ' share passed' : ' cases by value'}${scale.isLogarithmic ? ', logarithmic' : ''}`)),
    chart(height, `${metric.name}: ${rows.map(row => `${row.variant} mean ${formatValue(row.summary?.mean, metric)}`).join(', ')}`,
      rows.map((row, index) => {
        const top = index * BAND;
        const mean = row.summary?.mean;
        return [
          svg('text', { class: 'label strong', x: percent(0), y: top + 14 }, row.variant),
          isNumber(mean) && svg('text', { class: 'label', x: percent(1), y: top + 14, 'text-anchor': 'end' }, `mean ${formatValue(mean, metric)}`),
          isRate && row.summary ? rateBar(row.summary, top, row.kind) : histogram(row.values, scale, top, row.kind),
          !isRate && isNumber(mean) && svg('line', { class: 'mean', x1: percent(scale.place(mean)), x2: percent(scale.place(mean)), y1: top + 20, y2: top + BAND }),
          svg('line', { class: 'base', x1: percent(0), x2: percent(1), y1: top + BAND, y2: top + BAND }),
        ];
      }),
      axis(scale, metric, rows.length * BAND)));
}

function distributionsSection() {
  const figures = [...metrics.values()].map(distribution).filter(figure => figure);
  return figures.length > 0 && section('distributions', 'Distributions', 'Each case counts once, with the mean of its repeats; the upright line is the mean of all.', el('div', { class: 'figures-grid' }, figures));
}
