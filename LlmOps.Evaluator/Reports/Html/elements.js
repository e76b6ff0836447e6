// Elements are made here and nowhere else. Texts become text nodes: whatever an answer holds, it is shown and never run.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

// An HTML element with attributes (on… are listeners) and children, of which texts stay texts.
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

// The same of SVG.
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// A chart: as wide as its place, so that positions are per cents of it and texts keep their size.
const chart = (height, label, ...children) => svg('svg', { class: 'chart', width: '100%', height, role: 'img', 'aria-label': label }, ...children);

// A part of the page with its heading, which the contents list.
function section(id, heading, lead, ...children) {
  return el('section', { id, 'aria-labelledby': `${id}-heading` },
    el('h2', { id: `${id}-heading` }, heading),
    lead && el('p', { class: 'lead' }, lead),
    ...children);
}

// A table that scrolls by itself where it is too wide.
function table(caption, headings, rows, attributes) {
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    el('table', attributes,
      el('caption', { class: 'unseen' }, caption),
      el('thead', null, el('tr', null, headings.map(heading =>
        typeof heading === 'string' ? el('th', { scope: 'col' }, heading) : el('th', { scope: 'col', class: heading.class }, heading.text)))),
      el('tbody', null, rows)));
}

const number = (text, attributes) => el('td', { ...attributes, class: 'number' }, text);

// A name out of the data, which may run from right to left.
const name = text => el('bdi', null, text);

function option(value, text, selected) {
  return el('option', { value, selected }, text);
}

// One and several: 1 case, 2 cases.
const counted = (count, one, several = `${one}s`) => `${formatCount(count)} ${count === 1 ? one : several}`;
