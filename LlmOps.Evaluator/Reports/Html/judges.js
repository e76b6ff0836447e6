// How far the judges can be trusted.

function biasTable(biases) {
  return [
    el('h3', null, 'Position'),
    el('p', { class: 'lead' }, 'A judge of two answers was asked twice, in both orders. One that prefers what it reads first, or second, contradicts itself.'),
    table('Position bias', ['Metric', 'Variant', ...['Pairs', 'The same in both orders', 'First preferred', 'Second preferred', 'p'].map(text => ({ text, class: 'number' }))],
      biases.map(bias => el('tr', null,
        el('th', { scope: 'row' }, name(bias.metric)),
        el('td', null, name(bias.variant)),
        number(formatCount(bias.pairs)),
        number(`${formatCount(bias.consistent)} (${formatShare(bias.pairs ? bias.consistent / bias.pairs : 0)})`),
        number(formatCount(bias.first)),
        number(formatCount(bias.second)),
        number(formatP(bias.p_value))))),
  ];
}

function agreementTable(agreements) {
  return [
    el('h3', null, 'Agreement with people'),
    el('p', { class: 'lead' }, "Cohen's kappa: 1 where judge and people always say the same, 0 where they agree as often as by chance."),
    table('Agreement with people', ['Metric', ...['Labels', 'Kappa', `${confidence} interval`, 'The same'].map(text => ({ text, class: 'number' }))],
      agreements.map(agreement => el('tr', null,
        el('th', { scope: 'row' }, name(agreement.metric)),
        number(formatCount(agreement.labels)),
        number(formatNumber(agreement.kappa)),
        number(agreement.interval ? `${formatNumber(agreement.interval.low)} to ${formatNumber(agreement.interval.high)}` : NONE),
        number(isNumber(agreement.observed) ? formatShare(agreement.observed) : NONE)))),
  ];
}

function judgesSection() {
  const [biases, agreements] = [result.position_biases ?? [], result.human_agreements ?? []];
  return biases.length + agreements.length > 0
    && section('judges', 'The judges', null, biases.length > 0 && biasTable(biases), agreements.length > 0 && agreementTable(agreements));
}
