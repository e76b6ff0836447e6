// A case opened: what was asked, what came of it from both, and how that was scored. Made when it is opened, not before.

const MOST_SHOWN = 12_000;

const NOT_THERE = el('em', { class: 'note' }, 'no text');

// A long text is cut until all of it is asked for.
function longText(pieces, tag) {
  const length = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
  const body = el('div', { class: 'text', dir: 'auto' });
  const show = most => {
    let left = most;
    body.replaceChildren();
    for (const { text, changed } of pieces) {
      const part = text.slice(0, left);
      body.append(changed ? el(tag, null, part) : part);
      left -= part.length;
      if (left <= 0) {
        break;
      }
    }
  };
  show(MOST_SHOWN);
  if (length === 0) {
    body.append(NOT_THERE.cloneNode(true));
  }
  return length <= MOST_SHOWN ? body : [body, el('button', {
    type: 'button', class: 'quiet',
    onclick: event => {
      show(Infinity);
      event.currentTarget.remove();
    },
  }, `Show all ${formatCount(length)} characters`)];
}

const unchanged = text => [{ text, changed: false }];

function facts(answer) {
  const parts = [
    answer.model, answer.provider, answer.finish_reason && `finish: ${answer.finish_reason}`, `${formatNumber(answer.latency_ms)} ms`,
    isNumber(answer.input_tokens) && `${answer.input_tokens} tokens in`, isNumber(answer.output_tokens) && `${answer.output_tokens} out`,
    isNumber(answer.cost_usd) ? formatUsd(answer.cost_usd) : 'no price', `request ${answer.request_id}`,
  ];
  return el('p', { class: 'note' }, parts.filter(part => part).join(' · '));
}

function answerColumn(title, given, pieces, tag) {
  return el('div', { class: 'answer' },
    el('h4', null, name(title)),
    !given ? el('p', { class: 'failure' }, 'It was not asked.')
      : !given.answer ? el('p', { class: 'failure' }, `No answer: ${given.failure ?? 'nothing is known of it'}`)
        : [
          longText(pieces, tag),
          (given.answer.tool_calls ?? []).map(call => el('pre', { class: 'text' }, `${call.name}(${call.arguments})`)),
          facts(given.answer),
        ]);
}

// One repeat: both answers beside each other, with the words marked that only one of them has.
function repeatBlock(each, repeat) {
  const [theirs, ours] = [baseline, lens.variant].map(variant => answersOf(each, variant).find(answer => answer.repeat === repeat));
  const isAlone = lens.variant === baseline;
  const diff = !isAlone && theirs?.answer && ours?.answer ? wordDiff(theirs.answer.text, ours.answer.text) : undefined;
  const isSame = diff && theirs.answer.text === ours.answer.text;
  return el('div', { class: 'repeat' },
    result.run.repeats > 1 && el('h4', { class: 'kicker' }, `Repeat ${repeat}`),
    isSame && el('p', { class: 'note' }, 'Both answers are the same.'),
    diff === null && el('p', { class: 'note' }, 'These answers are too long and too different to be compared word by word.'),
    el('div', { class: 'sides' },
      answerColumn(baseline, theirs, diff?.left ?? unchanged(theirs?.answer?.text ?? ''), 'del'),
      !isAlone && answerColumn(lens.variant, ours, diff?.right ?? unchanged(ours?.answer?.text ?? ''), 'ins')),
    scoresTable(each, theirs, ours, isAlone));
}

function scoreCell(score, metric) {
  return el('td', { class: 'number' }, score?.failure ? el('span', { class: 'failure' }, 'missing') : formatScore(score?.value, metric));
}

// Of one answer a rate is yes or no.
const formatScore = (value, metric) => metric.kind === 'Pass' && (value === 1 || value === 0) ? (value === 1 ? 'passed' : 'not passed') : formatValue(value, metric);

function reasons(title, score) {
  const orders = score?.orders && `read first, the judge gave it ${formatNumber(score.orders.variant_first)}, read second ${formatNumber(score.orders.variant_second)}`;
  const said = [score?.failure && `not scored: ${score.failure}`, score?.reason, orders].filter(part => part).join(' · ');
  return said && el('p', { class: 'reason', dir: 'auto' }, el('b', null, name(title)), ' ', said);
}

function scoresTable(each, theirs, ours, isAlone) {
  const rows = [...metrics.values()].filter(metric => theirs?.scores?.[metric.name] || ours?.scores?.[metric.name]).map(metric => {
    const [one, other] = [theirs?.scores?.[metric.name], ours?.scores?.[metric.name]];
    const said = [reasons(baseline, one), !isAlone && reasons(lens.variant, other)].filter(part => part);
    return [
      el('tr', null, el('th', { scope: 'row' }, name(metric.name)), metric.is_pairwise && isNumber(other?.value) ? number(formatValue(1 - other.value, metric)) : scoreCell(one, metric), !isAlone && scoreCell(other, metric)),
      said.length > 0 && el('tr', { class: 'words' }, el('td', { colspan: 3 }, said)),
    ];
  });
  return rows.length > 0 && table('Scores', ['Score', { text: baseline, class: 'number' }, ...(isAlone ? [] : [{ text: lens.variant, class: 'number' }])], rows, { class: 'scores' });
}

function given(title, text) {
  return el('div', { class: 'given' }, el('h4', null, name(title)), longText(unchanged(text)));
}

function caseDetails(each) {
  const expected = each.expected === undefined ? null : typeof each.expected === 'string' ? each.expected : JSON.stringify(each.expected, null, 2);
  const repeats = [...new Set(each.answers.map(answer => answer.repeat))].sort((one, other) => one - other);
  return el('div', { class: 'details' },
    el('div', { class: 'sides' },
      Object.entries(each.variables).map(([variable, value]) => given(variable, value)),
      expected !== null && given('Expected', expected),
      (each.references ?? []).filter(reference => reference !== expected).map((reference, index) => given(`Reference ${index + 1}`, reference))),
    repeats.map(repeat => repeatBlock(each, repeat)));
}
