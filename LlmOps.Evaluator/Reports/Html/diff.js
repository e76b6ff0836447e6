// What words two texts differ in: a longest common subsequence, once what they begin and end with alike is set aside.

const MOST_CELLS = 4_000_000;

const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter(undefined, { granularity: 'word' }) : null;

// Languages without spaces have words too.
const wordsOf = text => segmenter ? Array.from(segmenter.segment(text), each => each.segment) : text.match(/\s+|[^\s]+/g) ?? [];

// Both texts in pieces { text, changed }; null where they are too long and too different to be compared.
function wordDiff(one, other) {
  const [left, right] = [wordsOf(one), wordsOf(other)];
  let start = 0, ends = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) {
    start++;
  }
  while (ends < left.length - start && ends < right.length - start && left[left.length - 1 - ends] === right[right.length - 1 - ends]) {
    ends++;
  }
  const [rows, columns] = [left.length - start - ends, right.length - start - ends];
  if (rows * columns > MOST_CELLS) {
    return null;
  }

  // The length of what is common from each pair of words on.
  const common = new Uint16Array((rows + 1) * (columns + 1));
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const at = row * (columns + 1) + column;
      common[at] = left[start + row] === right[start + column] ? common[at + columns + 2] + 1 : Math.max(common[at + columns + 1], common[at + 1]);
    }
  }

  const pieces = { left: [], right: [] };
  const add = (side, text, changed) => {
    const last = pieces[side].at(-1);
    if (last?.changed === changed) {
      last.text += text;
    } else if (text.length > 0) {
      pieces[side].push({ text, changed });
    }
  };
  const same = text => ['left', 'right'].forEach(side => add(side, text, false));
  same(left.slice(0, start).join(''));
  let row = 0, column = 0;
  while (row < rows || column < columns) {
    const at = row * (columns + 1) + column;
    if (row < rows && column < columns && left[start + row] === right[start + column]) {
      same(left[start + row]);
      row++;
      column++;
    } else if (column === columns || (row < rows && common[at + columns + 1] >= common[at + 1])) {
      add('left', left[start + row++], true);
    } else {
      add('right', right[start + column++], true);
    }
  }
  same(left.slice(left.length - ends).join(''));
  return pieces;
}
