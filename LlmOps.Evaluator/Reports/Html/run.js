// Whether it passes, what is missing, and how it was run.

const STATUS = {
  Passed: { sign: '✓', words: 'passed', class: 'better' },
  Regression: { sign: '✕', words: 'regression', class: 'worse' },
  Incomplete: { sign: '!', words: 'incomplete', class: 'unsure' },
};

const PASSED = { true: { sign: '✓', words: 'passed', class: 'better' }, false: { sign: '✕', words: 'failed', class: 'worse' } };

function gateSection() {
  const { rules, incomplete } = result.gate;
  return rules.length + incomplete.length > 0 && section('gate', 'Gate', null,
    rules.length > 0 && table('Rules', ['Fails if', 'Outcome', 'Why'], rules.map(rule => el('tr', null, el('th', { scope: 'row' }, el('code', null, rule.rule)), el('td', null, mark(PASSED[rule.passed])), el('td', null, rule.reason)))),
    incomplete.length > 0 && [el('h3', null, 'Incomplete'), el('ul', null, incomplete.map(text => el('li', null, text)))]);
}

// Failures in the words they came with, the commonest first.
function failures() {
  const counts = new Map();
  const add = (what, variant, why) => {
    const key = JSON.stringify([what, variant, why]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const answer of result.cases.flatMap(each => each.answers)) {
    if (!answer.answer) {
      add('answer', answer.variant, answer.failure ?? '');
    }
    for (const [metric, score] of Object.entries(answer.scores ?? {})) {
      if (score.failure) {
        add(metric, answer.variant, score.failure);
      }
    }
  }
  return [...counts].map(([key, count]) => [...JSON.parse(key), count]).sort((one, other) => other[3] - one[3]);
}

const MOST_FAILURES = 25;

function missingSection() {
  const all = failures();
  const total = all.reduce((sum, failure) => sum + failure[3], 0);
  return section('missing', 'Missing',
    all.length > 0 ? `${counted(total, 'answer or score', 'answers and scores')} could not be had. They are in no mean, and are not counted as 0.` : 'Nothing is missing: every call was answered, and every answer scored.',
    all.length > 0 && table('What is missing', ['What', 'Variant', { text: 'How often', class: 'number' }, 'Why'],
      all.slice(0, MOST_FAILURES).map(([what, variant, why, count]) => el('tr', null, el('th', { scope: 'row' }, name(what)), el('td', null, name(variant)), number(formatCount(count)), el('td', { dir: 'auto' }, why)))),
    all.length > MOST_FAILURES && el('p', { class: 'note' }, `${all.length - MOST_FAILURES} further kinds are in report.json.`));
}

function fact(term, ...values) {
  return [el('dt', null, term), el('dd', null, ...values)];
}

const model = variant => `${variant.version}, ${variant.model ?? "the prompt's own model"}, ${Object.entries(variant.parameters ?? {}).map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(', ') || 'no parameters'}`;

function foot() {
  const { run } = result;
  const seconds = (Date.parse(result.ended_at) - Date.parse(result.started_at)) / 1000;
  return [
    el('h2', null, 'How it was run'),
    el('dl', null,
      fact('Evaluation', el('code', null, result.id)),
      fact('Time', `${result.started_at.slice(0, 19).replace('T', ' ')} (${result.started_at.slice(19).replace(/^\.\d+/, '')}), ${formatNumber(seconds)} s`),
      fact('Dataset', name(run.dataset), ` · SHA-256 `, el('code', null, run.dataset_hash)),
      fact('Cases', `${counted(result.cases.length, 'case')}, each asked ${run.repeats === 1 ? 'once' : `${run.repeats} times`}${run.filter?.length ? `, filter ${run.filter.join(', ')}` : ''}${run.sample ? `, ${run.sample} drawn` : ''}`),
      result.variants.map(variant => fact(name(variant.name), model(variant), ' · ', el('code', null, variant.content_hash))),
      fact('Gateway', run.gateway ?? "in the evaluator's own process", `, at most ${counted(run.concurrency, 'call')} at once`),
      fact('Cost', `${formatUsd(run.cost_usd)} for ${counted(run.calls, 'call')}${run.unpriced_calls ? `, ${formatCount(run.unpriced_calls)} of them without a price` : ''}; ${formatCount(run.reused)} answers and scores were there from before${isNumber(run.max_cost_usd) ? `; bound ${formatUsd(run.max_cost_usd)}` : ''}`),
      fact('Seed', String(run.seed)),
      run.ended_early && fact('Ended early', run.ended_early)),
    el('p', null, `Every case is answered by all variants, so they are compared case by case; repeats of a case count as their mean. Scores are tested by flipping the signs of differences (and so is all else where cases have weights), rates by McNemar's test, amounts by Wilcoxon's; p-values are corrected (Holm) for the other metrics of quality, or of what answers take: where nothing differs, a difference in quality is claimed in at most ${formatShare(1 - run.confidence)} of evaluations. An interval holds the true difference in ${confidence} of evaluations. "No difference found" is not "the same": the words say how large a difference would have been seen.`),
  ];
}
