// All cases: sorted, filtered, a page at a time, so that thousands of them stay quick.

const PAGE = 50;
const EXCERPT = 90;

const view = { text: '', tag: '', outcome: '', everyMetric: false, sort: 'gain', ascending: true, page: 0, open: new Set() };
const haystacks = new Map();
const place = { body: el('tbody'), head: el('tr'), count: el('p', { class: 'count', 'aria-live': 'polite' }), pages: el('div', { class: 'pages' }) };
const inputs = {};

// All that a case says, in lower case; made when it is first looked through.
function haystack(each) {
  if (!haystacks.has(each)) {
    haystacks.set(each, [each.id, ...Object.values(each.variables), JSON.stringify(each.expected ?? ''), ...each.answers.flatMap(answer => [answer.answer?.text ?? '', answer.failure ?? ''])].join('\n').toLowerCase());
  }
  return haystacks.get(each);
}

const excerpt = each => {
  const text = Object.values(each.variables)[0] ?? '';
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT).trimEnd()}…` : text;
};

const OUTCOMES = { better: VERDICTS.Better, worse: VERDICTS.Worse, same: { sign: '=', words: 'same', class: 'same' }, missing: { sign: '✕', words: 'missing', class: 'unsure' } };

// Columns are { key, title, class, value to sort by, cell }; a wide one is left out where the page is narrow.
function columns() {
  const compared = variants.length > 0;
  const all = [
    { key: 'id', title: 'Case', value: row => row.each.id, cell: caseButton },
    { key: 'input', title: 'Input', class: 'wide', value: row => excerpt(row.each).toLowerCase(), cell: row => el('td', { class: 'excerpt wide', dir: 'auto' }, excerpt(row.each)) },
    { key: 'tags', title: 'Tags', class: 'wide', value: row => (row.each.tags ?? []).join(' '), cell: row => el('td', { class: 'wide' }, (row.each.tags ?? []).map(tag => el('span', { class: 'tag' }, name(tag)))) },
    { key: 'theirs', title: baseline, class: compared ? 'number wide' : 'number', value: row => row.pair.theirs, cell: row => el('td', { class: compared ? 'number wide' : 'number' }, formatValue(row.pair.theirs, lens.by)) },
  ];
  if (compared) {
    all.push(
      { key: 'ours', title: lens.variant, class: 'number wide', value: row => row.pair.ours, cell: row => el('td', { class: 'number wide' }, formatValue(row.pair.ours, lens.by)) },
      { key: 'gain', title: 'Difference', class: 'number', value: row => row.pair.gain, cell: row => number(formatDifference(row.pair.difference, lens.by)) },
      { key: 'outcome', title: 'Outcome', value: row => row.pair.outcome, cell: row => el('td', null, row.pair.outcome ? mark(OUTCOMES[row.pair.outcome]) : el('span', { class: 'note' }, 'not scored')) });
    if (view.everyMetric) {
      for (const metric of [...metrics.values()].filter(each => each !== lens.by)) {
        const of = row => pairsOf(lens.variant, metric)[row.index];
        all.push({ key: `metric ${metric.name}`, title: metric.name, class: 'number', value: row => of(row).gain, cell: row => number(formatDifference(of(row).difference, metric)) });
      }
    }
  }
  return all;
}

function caseButton(row) {
  return el('th', { scope: 'row' }, el('button', { type: 'button', class: 'case', 'aria-expanded': String(view.open.has(row.each.id)), onclick: event => toggle(row, event.currentTarget) }, name(row.each.id)));
}

// Opens or closes a case in its place; the other rows stay as they are.
function toggle(row, button) {
  const line = button.closest('tr');
  if (view.open.delete(row.each.id)) {
    line.nextElementSibling.remove();
  } else {
    view.open.add(row.each.id);
    line.after(openedRow(row));
  }
  button.setAttribute('aria-expanded', String(view.open.has(row.each.id)));
}

const openedRow = row => el('tr', { class: 'opened' }, el('td', { colspan: columns().length }, caseDetails(row.each)));

const rowId = index => `case-${index}`;

// Missing values stand last, whichever way it is sorted.
function sorted(rows) {
  const { value } = columns().find(column => column.key === view.sort) ?? columns()[0];
  const keyed = rows.map(row => ({ row, key: value(row) }));
  const isAbsent = key => key === undefined || key === null || key === '';
  keyed.sort((one, other) => {
    if (isAbsent(one.key) || isAbsent(other.key)) {
      return isAbsent(one.key) - isAbsent(other.key) || one.row.index - other.row.index;
    }
    const order = typeof one.key === 'number' ? one.key - other.key : one.key < other.key ? -1 : one.key > other.key ? 1 : 0;
    return (view.ascending ? order : -order) || one.row.index - other.row.index;
  });
  return keyed.map(({ row }) => row);
}

function filtered() {
  const needle = view.text.trim().toLowerCase();
  const pair = pairsOf(lens.variant, lens.by);
  return result.cases.map((each, index) => ({ each, index, pair: pair[index] })).filter(row =>
    (!view.outcome || row.pair.outcome === view.outcome) && (!view.tag || row.each.tags?.includes(view.tag)) && (!needle || haystack(row.each).includes(needle)));
}

function drawHead() {
  place.head.replaceChildren(...columns().map(column => {
    const isSorted = view.sort === column.key;
    return el('th', { scope: 'col', class: column.class, 'aria-sort': isSorted ? (view.ascending ? 'ascending' : 'descending') : 'none' },
      el('button', {
        type: 'button', class: 'sort', 'data-key': column.key,
        onclick: () => {
          Object.assign(view, { sort: column.key, ascending: isSorted ? !view.ascending : true, page: 0 });
          drawRows();
          place.head.querySelector('[aria-sort$="ending"] button').focus();
        },
      }, name(column.title), el('span', { class: 'arrow', 'aria-hidden': 'true' }, isSorted ? (view.ascending ? ' ↑' : ' ↓') : '')));
  }));
}

function drawRows() {
  const rows = sorted(filtered());
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  view.page = Math.max(0, Math.min(view.page, pages - 1));
  const shownRows = rows.slice(view.page * PAGE, (view.page + 1) * PAGE);
  const all = columns();
  drawHead();
  place.count.textContent = `${formatCount(rows.length)} of ${counted(result.cases.length, 'case')}`;
  place.body.replaceChildren(...shownRows.flatMap(row => [
    el('tr', { id: rowId(row.index), class: 'row' }, all.map(column => column.cell(row))),
    ...(view.open.has(row.each.id) ? [openedRow(row)] : []),
  ]));
  const turn = (text, by, enabled) => el('button', { type: 'button', class: 'quiet', disabled: !enabled, onclick: () => turnPage(by) }, text);
  place.pages.replaceChildren(...(pages > 1 ? [turn('← Previous', -1, view.page > 0), el('span', null, `Page ${view.page + 1} of ${pages}`), turn('Next →', 1, view.page < pages - 1)] : []));
}

function turnPage(by) {
  view.page += by;
  drawRows();
  document.getElementById('cases').scrollIntoView();
}

// Opens a case wherever it is, letting go of filters that hide it.
function openCase(id) {
  const index = result.cases.findIndex(each => each.id === id);
  if (index < 0) {
    return;
  }
  let rows = sorted(filtered());
  if (!rows.some(row => row.index === index)) {
    Object.assign(view, { text: '', tag: '', outcome: '' });
    [inputs.text, inputs.tag, inputs.outcome].forEach(input => input.value = '');
    rows = sorted(filtered());
  }
  view.open.add(id);
  view.page = Math.floor(rows.findIndex(row => row.index === index) / PAGE);
  drawRows();
  const row = document.getElementById(rowId(index));
  row.scrollIntoView({ block: 'start' });
  row.querySelector('button').focus({ preventScroll: true });
}
