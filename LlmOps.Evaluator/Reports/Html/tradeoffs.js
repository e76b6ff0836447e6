// Quality beside what it takes.

// What is drawn upwards: the metric looked at, or the first of quality where that one is none.
const upwards = () => isQuality(lens.by) ? lens.by : [...metrics.values()].find(isQuality);

function scatter(quality, cost) {
  const points = result.variants.map(({ name: variant }, index) => ({ variant, index, y: summaryOf(variant, quality.name), x: summaryOf(variant, cost.name) }))
    .filter(point => isNumber(point.x?.mean) && isNumber(point.y?.mean));
  if (points.length === 0) {
    return null;
  }
  const spread = (axisOf, metric) => {
    const values = points.flatMap(point => [axisOf(point).mean, axisOf(point).interval?.low, axisOf(point).interval?.high]).filter(isNumber);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = (high - low || Math.abs(high) || 1) * 0.12;
    return { place: value => (value - low + room) / (high - low + 2 * room), ticks: ticks(low - room, high + room, 4), metric };
  };
  const [across, up] = [spread(point => point.x, cost), spread(point => point.y, quality)];
  const [left, bottom, height] = [16, 200, 240];
  const x = value => `${left + across.place(value) * (96 - left)}%`;
  const y = value => bottom - up.place(value) * (bottom - 12);
  return el('figure', null,
    el('figcaption', null, name(quality.name), ' and ', name(cost.name), el('span', { class: 'note' }, ` best is ${isUpward(quality) ? 'top' : 'bottom'} ${isUpward(cost) ? 'right' : 'left'}`)),
    chart(height, points.map(point => `${point.variant}: ${formatValue(point.y.mean, quality)} at ${formatValue(point.x.mean, cost)}`).join(', '),
      up.ticks.map(value => [svg('line', { class: 'grid', x1: `${left}%`, x2: '96%', y1: y(value), y2: y(value) }), svg('text', { class: 'label', x: `${left - 1.5}%`, y: y(value) + 4, 'text-anchor': 'end' }, formatTick(value, quality))]),
      across.ticks.map(value => [svg('line', { class: 'tick', x1: x(value), x2: x(value), y1: bottom, y2: bottom + 5 }), svg('text', { class: 'label', x: x(value), y: bottom + 20, 'text-anchor': 'middle' }, formatTick(value, cost))]),
      svg('line', { class: 'base', x1: `${left}%`, x2: '96%', y1: bottom, y2: bottom }),
      points.map(point => {
        const kind = point.index === 0 ? 'baseline' : 'variant';
        return [
          point.x.interval && svg('line', { class: `interval ${kind}`, x1: x(point.x.interval.low), x2: x(point.x.interval.high), y1: y(point.y.mean), y2: y(point.y.mean) }),
          point.y.interval && svg('line', { class: `interval ${kind}`, x1: x(point.x.mean), x2: x(point.x.mean), y1: y(point.y.interval.low), y2: y(point.y.interval.high) }),
          svg('circle', { class: `point ${kind}`, cx: x(point.x.mean), cy: y(point.y.mean), r: 6 }),
          svg('text', { class: 'label strong', x: x(point.x.mean), y: y(point.y.mean) - 11, dx: 9 }, point.variant),
        ];
      })));
}

function tradeoffsSection() {
  const figures = el('div', { class: 'figures-grid' });
  lens.watch(() => {
    const quality = upwards();
    figures.replaceChildren(...[...metrics.values()].filter(metric => quality && !isQuality(metric)).map(cost => scatter(quality, cost)).filter(figure => figure));
  });
  return section('tradeoffs', 'Quality and what it takes', `Means over the cases that have a value, with ${confidence} intervals.`, variants.length > 0 && summaryTable(), figures);
}
