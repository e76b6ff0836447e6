// The page: its parts in their order, and what the reader can set.

function select(label, options, value, change) {
  const control = el('select', { onchange: event => change(event.currentTarget.value) }, options.map(([key, text]) => option(key, text, key === value)));
  return { control, label: el('label', null, el('span', null, label), control) };
}

function lensBar() {
  const variant = select('Variant', variants.map(each => [each, each]), lens.variant, value => lens.set({ variant: value }));
  const metric = select('By', [...metrics.keys()].map(each => [each, each]), lens.metric, value => lens.set({ metric: value }));
  lens.watch(() => {
    variant.control.value = lens.variant;
    metric.control.value = lens.metric;
  });
  return el('div', { class: 'lens', role: 'group', 'aria-label': 'What the parts below show' },
    variants.length > 0 && variant.label, metric.label, variants.length > 0 && el('span', { class: 'note' }, `compared with ${baseline}`));
}

function casesSection() {
  const change = (key, value) => {
    Object.assign(view, { [key]: value, page: 0 });
    drawRows();
  };
  inputs.text = el('input', { type: 'search', placeholder: 'id, input or answer', oninput: event => change('text', event.currentTarget.value) });
  const tag = select('Tag', [['', 'any'], ...tags.map(each => [each, each])], '', value => change('tag', value));
  const outcome = select('Outcome', [['', 'any'], ...Object.entries(OUTCOMES).map(([key, kind]) => [key, kind.words])], '', value => change('outcome', value));
  [inputs.tag, inputs.outcome] = [tag.control, outcome.control];
  const every = el('label', { class: 'check' }, el('input', { type: 'checkbox', onchange: event => change('everyMetric', event.currentTarget.checked) }), el('span', null, 'Differences by every metric'));
  const parts = section('cases', 'Cases', null,
    el('div', { class: 'filters' }, el('label', null, el('span', null, 'Search'), inputs.text), tags.length > 0 && tag.label, variants.length > 0 && outcome.label, variants.length > 0 && every),
    place.count,
    el('div', { class: 'scroll' }, el('table', { class: 'cases' }, el('caption', { class: 'unseen' }, 'All cases'), el('thead', null, place.head), place.body)),
    place.pages);
  lens.watch(drawRows);
  return parts;
}

function themeSwitch() {
  const root = document.documentElement;
  const button = document.getElementById('theme');
  const next = { '': 'light', light: 'dark', dark: '' };
  const tell = () => button.textContent = `Theme: ${root.dataset.theme ?? 'system'}`;
  button.addEventListener('click', () => {
    const theme = next[root.dataset.theme ?? ''];
    if (theme) {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }
    tell();
    try {
      localStorage.setItem('llmops-theme', theme);
    } catch {
      // It holds for as long as the page is open.
    }
  });
  tell();
}

function head() {
  document.getElementById('facts').textContent = [
    result.started_at.slice(0, 10), `${counted(result.cases.length, 'case')} of ${result.run.dataset}`,
    result.run.repeats > 1 && `${result.run.repeats} repeats`, formatUsd(result.run.cost_usd),
  ].filter(part => part).join(' · ');
  const { rules, incomplete } = result.gate;
  const broken = rules.filter(rule => !rule.passed).length;
  const why = broken > 0 ? `: ${broken} of ${counted(rules.length, 'rule')} failed` : incomplete.length > 0 ? `: ${incomplete[0]}` : rules.length > 0 ? `: ${rules.length === 1 ? 'by its rule' : `by all ${rules.length} rules`}` : ', without rules';
  document.getElementById('status').append(mark(STATUS[result.gate.status], `Gate ${STATUS[result.gate.status].words}${why}`));
}

function start() {
  themeSwitch();
  head();
  const parts = [
    verdictsSection(), gateSection(), variants.length > 0 && forestSection(), distributionsSection(), lensBar(), variants.length > 0 && differencesSection(), tagsSection(),
    tradeoffsSection(), judgesSection(), missingSection(), casesSection(),
  ].filter(part => part);
  document.getElementById('main').append(...parts);
  document.getElementById('contents').append(...parts.filter(part => part.id).map(part => el('a', { href: `#${part.id}` }, part.querySelector('h2').textContent)));
  document.getElementById('foot').append(...foot().flat(Infinity).filter(part => part));
  const openLinked = () => location.hash.startsWith('#case=') && openCase(decodeURIComponent(location.hash.slice('#case='.length)));
  addEventListener('hashchange', openLinked);
  openLinked();
}

start();
