// The evaluation, and what is looked up in it. It has the form of report.json: what is null is left out.

const result = JSON.parse(document.getElementById('result').textContent);
const baseline = result.variants[0].name;
const variants = result.variants.slice(1).map(variant => variant.name);
const metrics = new Map([...result.metrics.filter(isQuality), ...result.metrics.filter(metric => !isQuality(metric))].map(metric => [metric.name, metric]));
const confidence = formatShare(result.run.confidence);
const tags = [...new Set(result.cases.flatMap(each => each.tags ?? []))].sort();

const VERDICTS = {
  Better: { sign: '▲', words: 'better', class: 'better' },
  Worse: { sign: '▼', words: 'worse', class: 'worse' },
  NoDifference: { sign: '=', words: 'no difference found', class: 'same' },
  TooFewCases: { sign: '?', words: 'too few cases', class: 'unsure' },
};

function isQuality(metric) {
  return metric.is_quality !== false;
}

const isUpward = metric => metric.direction === 'HigherIsBetter';

// What the reader looks through: one variant beside the baseline, by one metric. Parts that depend on it are drawn again when it changes.
const lens = {
  variant: variants[0] ?? baseline,
  metric: metrics.keys().next().value,
  watchers: [],
  get by() {
    return metrics.get(this.metric);
  },
  watch(draw) {
    this.watchers.push(draw);
    draw();
  },
  set(change) {
    Object.assign(this, change);
    this.watchers.forEach(draw => draw());
  },
};

const comparisonsOf = (variant, tagged = false) => result.comparisons.filter(each => each.variant === variant && (each.tag !== undefined) === tagged);

const comparisonOf = (variant, metric) => result.comparisons.find(each => each.variant === variant && each.metric === metric && each.tag === undefined);

const summaryOf = (variant, metric) => result.summaries.find(each => each.variant === variant && each.metric === metric);

const answersOf = (each, variant) => each.answers.filter(answer => answer.variant === variant);

// A case's value: the mean of its repeats that have one; null where it should have one and has none; undefined where the metric does not apply.
function valueOf(each, variant, metric) {
  let sum = 0, count = 0, failed = false, unanswered = false;
  for (const answer of each.answers) {
    if (answer.variant === variant) {
      const score = answer.scores?.[metric.name];
      if (isNumber(score?.value)) {
        sum += score.value;
        count++;
      }
      failed ||= score !== undefined;
      unanswered ||= !isAnswered(each, answer, metric);
    }
  }
  return count > 0 ? sum / count : failed || (unanswered && applies(each, metric)) ? null : undefined;
}

// What is scored against the baseline's answer needs both.
const isAnswered = (each, answer, metric) => answer.answer !== undefined
  && (!metric.is_pairwise || each.answers.some(other => other.variant === baseline && other.repeat === answer.repeat && other.answer !== undefined));

// A call that failed does not say whether a metric applies to the case: its other answers do.
const applies = (each, metric) => each.answers.some(answer => answer.scores?.[metric.name] !== undefined) || !each.answers.some(answer => isAnswered(each, answer, metric));

// Both values of a case, by how much the variant is better, and what that is: better, worse, same, missing, or nothing where the metric does not apply.
function pairOf(each, variant, metric) {
  const ours = valueOf(each, variant, metric);
  // A judge of two answers says how the variant's fares; the baseline has the rest.
  const theirs = metric.is_pairwise ? (isNumber(ours) ? 1 - ours : ours) : valueOf(each, baseline, metric);
  if (ours === undefined && theirs === undefined) {
    return { outcome: '' };
  }
  if (!isNumber(ours) || !isNumber(theirs)) {
    return { ours, theirs, outcome: 'missing' };
  }
  // What is the same but for the rounding of means over repeats is a tie.
  const difference = Math.abs(ours - theirs) <= 1e-9 * Math.max(Math.abs(ours), Math.abs(theirs)) ? 0 : ours - theirs;
  const gain = isUpward(metric) ? difference : -difference;
  return { ours, theirs, difference, gain, outcome: gain > 0 ? 'better' : gain < 0 ? 'worse' : 'same' };
}

const pairs = new Map();

// The pairs of all cases, in their order.
function pairsOf(variant, metric) {
  const key = JSON.stringify([variant, metric.name]);
  if (!pairs.has(key)) {
    pairs.set(key, result.cases.map(each => pairOf(each, variant, metric)));
  }
  return pairs.get(key);
}
