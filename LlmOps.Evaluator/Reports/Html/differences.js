// The cases one by one, from the one that gains most to the one that loses most.

const WATERFALL = 190;

function waterfall(entries, metric) {
  const [most, least] = [Math.max(0, entries[0].pair.gain), Math.min(0, entries.at(-1).pair.gain)];
  const reach = most - least || 1;
  // Where no case differs, the line of no difference stands alone in the middle.
  const middle = most === least ? 0.5 : most / reach;
  const width = entries.length > 250 ? 1 : 0.82;
  const bars = sign => entries.map(({ pair }, index) =>
    Math.sign(pair.gain) === sign ? `M${index} ${middle}h${width}v${-pair.gain / reach}h${-width}z` : '').join('');
  const cursor = svg('rect', { class: 'cursor', y: 0, height: WATERFALL, width: `${Math.max(100 / entries.length, 0.3)}%`, x: '-10%' });
  const readout = el('p', { class: 'readout', 'aria-live': 'polite' }, 'Point at a bar, or use the arrow keys; a click or Enter opens the case.');
  let at = -1;

  function show(index) {
    at = Math.max(0, Math.min(entries.length - 1, index));
    const { each, pair } = entries[at];
    cursor.setAttribute('x', `${at / entries.length * 100}%`);
    const text = `${each.id}: ${formatValue(pair.theirs, metric)} to ${formatValue(pair.ours, metric)}, ${formatDifference(pair.difference, metric)}, ${pair.outcome}`;
    readout.textContent = text;
    plot.setAttribute('aria-valuenow', at + 1);
    plot.setAttribute('aria-valuetext', text);
  }

  const moves = { ArrowLeft: () => at - 1, ArrowRight: () => at + 1, Home: () => 0, End: () => entries.length - 1, PageUp: () => at - 10, PageDown: () => at + 10 };
  const plot = svg('svg', {
    class: 'chart waterfall', width: '100%', height: WATERFALL, tabindex: 0, role: 'slider', 'aria-label': 'Cases by their difference',
    'aria-valuemin': 1, 'aria-valuemax': entries.length, 'aria-valuenow': 1,
    onpointermove: event => show(Math.floor((event.clientX - plot.getBoundingClientRect().left) / plot.getBoundingClientRect().width * entries.length)),
    onclick: () => at >= 0 && openCase(entries[at].each.id),
    onkeydown: event => {
      if (moves[event.key]) {
        show(moves[event.key]());
        event.preventDefault();
      } else if (event.key === 'Enter' && at >= 0) {
        // Else the button that is focused next would be pressed by it.
        event.preventDefault();
        openCase(entries[at].each.id);
      }
    },
  },
    cursor,
    svg('svg', { width: '100%', height: WATERFALL, viewBox: `0 0 ${entries.length} 1`, preserveAspectRatio: 'none' },
      svg('path', { class: 'better', d: bars(1) }),
      svg('path', { class: 'worse', d: bars(-1) })),
    svg('line', { class: 'zero', x1: 0, x2: '100%', y1: middle * WATERFALL, y2: middle * WATERFALL }),
    most > 0 && svg('text', { class: 'label', x: '100%', y: 12, 'text-anchor': 'end' }, `up to ${formatDifference(isUpward(metric) ? most : -most, metric)}, better`),
    least < 0 && svg('text', { class: 'label', x: 0, y: WATERFALL - 4 }, `down to ${formatDifference(isUpward(metric) ? least : -least, metric)}, worse`));
  return [plot, readout];
}

function drawDifferences(place) {
  const metric = lens.by;
  const all = pairsOf(lens.variant, metric).map((pair, index) => ({ pair, each: result.cases[index] }));
  const entries = all.filter(entry => isNumber(entry.pair.gain)).sort((one, other) => other.pair.gain - one.pair.gain);
  const count = outcome => all.filter(entry => entry.pair.outcome === outcome).length;
  place.replaceChildren(...(entries.length > 0
    ? [el('p', { class: 'lead' }, `${lens.variant} beside ${baseline} by ${metric.name}: ${Object.keys(OUTCOMES).map(outcome => `${outcome} in ${formatCount(count(outcome))}`).join(', ')}.`), ...waterfall(entries, metric)]
    : [el('p', null, 'No case has a value of both.')]));
}

function differencesSection() {
  const place = el('div');
  lens.watch(() => drawDifferences(place));
  return section('case-differences', 'Case by case', null, place);
}
