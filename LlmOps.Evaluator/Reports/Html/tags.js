// The same by tag: where it is better, and where not.

function drawTags(place) {
  const metric = lens.by;
  const tagged = comparisonsOf(lens.variant, true).filter(comparison => comparison.metric === metric.name);
  const whole = comparisonOf(lens.variant, metric.name);
  const rows = [whole && { label: el('em', null, 'all cases'), comparison: whole, metric }, ...tagged.map(comparison => ({ label: name(comparison.tag), comparison, metric }))].filter(row => row);
  place.replaceChildren(
    el('p', { class: 'lead' }, `${lens.variant} beside ${baseline} by ${metric.name}, for the cases of each tag, on one scale. Of many tags one differs by chance sooner or later: p-values are corrected for that.`),
    tagged.length > 0 ? forest(`${metric.name} by tag`, rows, true) : el('p', null, 'There is no comparison by tag for this metric.'));
}

function tagsSection() {
  if (!result.comparisons.some(comparison => comparison.tag !== undefined)) {
    return null;
  }
  const place = el('div');
  lens.watch(() => drawTags(place));
  return section('tags', 'By tag', null, place);
}
