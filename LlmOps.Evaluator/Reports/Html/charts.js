// What charts have in common. Positions run from 0 to 1 across the chart; a margin keeps marks at the ends whole.

const MARGIN = 0.04;

const percent = position => `${(MARGIN + position * (1 - 2 * MARGIN)) * 100}%`;

const extent = share => `${Math.max(0, share) * (1 - 2 * MARGIN) * 100}%`;

// Round values between two ends, about as many as asked for.
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find(each => each * power >= rough) * power;
  const values = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) {
    values.push(index * step);
  }
  return values;
}

// A scale from values to positions. Amounts that span more than a power of ten are shown by their logarithm.
function scaleOf(values, metric) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (metric.kind === 'Score' && low >= 0 && high <= 1) {
    [low, high] = [0, 1];
  } else if (low === high) {
    [low, high] = low === 0 ? [0, 1] : [Math.min(low * 0.9, low * 1.1), Math.max(low * 0.9, low * 1.1)];
  }
  const isLogarithmic = metric.kind === 'Amount' && low > 0 && high / low > 12;
  const of = isLogarithmic ? Math.log : value => value;
  const back = isLogarithmic ? Math.exp : value => value;
  const [from, to] = [of(low), of(high)];
  return {
    isLogarithmic,
    place: value => Math.min(1, Math.max(0, (of(value) - from) / (to - from))),
    value: position => back(from + position * (to - from)),
    ticks: isLogarithmic ? [0, 0.25, 0.5, 0.75, 1].map(each => Number(back(from + each * (to - from)).toPrecision(2))) : ticks(low, high, 5),
  };
}

// An axis below a chart, with its labels.
function axis(scale, metric, top) {
  return scale.ticks.map(value => [
    svg('line', { class: 'tick', x1: percent(scale.place(value)), x2: percent(scale.place(value)), y1: top, y2: top + 5 }),
    svg('text', { class: 'label', x: percent(scale.place(value)), y: top + 18, 'text-anchor': 'middle' }, formatTick(value, metric)),
  ]);
}

// A sign for a verdict: colour, form and words say the same.
function mark(kind, text) {
  return el('span', { class: `verdict ${kind.class}` }, el('span', { class: 'sign', 'aria-hidden': 'true' }, kind.sign), ` ${text ?? kind.words}`);
}
