// Numbers as they are shown: the rules of ReportNumbers.cs, which a test holds together with these.

const NONE = '–';

// What sums of the same numbers in another order leave over is no difference.
const sizeOf = value => Math.abs(value) < 1e-12 ? 0 : Math.abs(value);

// What lies in the middle is rounded up.
const fixed = (size, digits) => (size * (1 + 1e-12)).toFixed(digits);

// The place of the first digit behind the point that is not 0.
function places(size) {
  let count = 0;
  for (let scaled = size; scaled < 1 && count < 12; scaled *= 10) {
    count++;
  }
  return count;
}

function plain(size) {
  if (Number.isInteger(size) || size >= 100) {
    return fixed(size, 0);
  }
  return fixed(size, size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.001 ? 3 : places(size) + 1);
}

const rate = percent => percent > 0 && percent < 0.1 ? plain(percent) : fixed(percent, 1);

const money = size => size === 0 || size >= 1 ? fixed(size, 2) : fixed(size, places(size) + 2);

function shown(value, metric, plus, rateUnit, withUnit = true) {
  const size = sizeOf(value);
  const sign = size === 0 ? '' : value > 0 ? plus : '−';
  if (metric.kind === 'Pass') {
    return sign + rate(size * 100) + rateUnit;
  }
  if (metric.unit === 'USD') {
    return `${sign}$${money(size)}`;
  }
  return sign + plain(size) + (metric.unit && withUnit ? ` ${metric.unit}` : '');
}

// A metric's value: 83.3 %, $0.00120, 812 ms.
const formatValue = (value, metric) => isNumber(value) ? shown(value, metric, '', ' %') : NONE;

// A difference of two values, with its sign: +4.2 pp.
const formatDifference = (value, metric) => isNumber(value) ? shown(value, metric, '+', ' pp') : NONE;

// From the lower end to the upper one, the unit said once.
const formatDifferenceInterval = (interval, metric) =>
  interval ? `${shown(interval.low, metric, '+', '', false)} to ${shown(interval.high, metric, '+', ' pp')}` : NONE;

const formatValueInterval = (interval, metric) =>
  interval ? `${shown(interval.low, metric, '', '', false)} to ${shown(interval.high, metric, '', ' %')}` : NONE;

// A value of an axis, with no more digits than it needs.
function formatTick(value, metric) {
  const digits = Number((metric.kind === 'Pass' ? value * 100 : value).toPrecision(6)).toString();
  return metric.kind === 'Pass' ? `${digits} %` : metric.unit === 'USD' ? `$${digits}` : metric.unit ? `${digits} ${metric.unit}` : digits;
}

const formatNumber = value => isNumber(value) ? (sizeOf(value) > 0 && value < 0 ? '−' : '') + plain(sizeOf(value)) : NONE;

const formatP = value => !isNumber(value) ? NONE : value < 0.001 ? '< 0.001' : fixed(value, 3);

const formatShare = share => `${Number((share * 100).toFixed(2))} %`;

const formatUsd = value => `$${money(value)}`;

const formatCount = count => count.toLocaleString('en-US');

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}
