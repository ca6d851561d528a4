// Script and style of a page, as text. The script draws the charts from the page's JSON and lets
// arrow keys read their points.

/** Runs in the browser; it writes text only by textContent and calls no server. */
export const script = `(function () {
  'use strict';
  var figures = JSON.parse(document.getElementById('figures').textContent);
  var coarse = matchMedia('(pointer: coarse)').matches;
  var narrow = innerWidth < 600;
  var base = {
    autosize: true,
    dragmode: coarse || narrow ? false : 'zoom',
    hovermode: 'closest',
    font: { family: 'system-ui, sans-serif', size: narrow ? 12 : 14, color: '#222222' },
    paper_bgcolor: '#ffffff',
    plot_bgcolor: '#ffffff',
  };
  var plain = function (text) {
    var entities = { amp: '&', lt: '<', gt: '>' };
    return String(text)
      .replace(/&#(\\d+);|&(amp|lt|gt);/g, function (_, code, name) { return code ? String.fromCodePoint(Number(code)) : entities[name]; });
  };
  var shown = function (value) {
    return typeof value === 'number' ? String(Math.round(value * 1e4) / 1e4) : plain(value);
  };
  // On a phone, words go to the next line where they would be cut.
  var wrap = function (text, most) {
    if (!narrow) return text;
    var lines = [];
    String(text).split(' ').forEach(function (word) {
      var last = lines.length - 1;
      if (last >= 0 && plain(lines[last] + ' ' + word).length <= most) lines[last] += ' ' + word;
      else lines.push(word);
    });
    return lines.join('<br>');
  };
  var wrapAxis = function (axis) {
    if (!axis) return axis;
    var title = axis.title && { title: Object.assign({}, axis.title, { text: wrap(axis.title.text, 36) }) };
    var ticks = axis.ticktext && { ticktext: axis.ticktext.map(function (text) { return wrap(text, 16); }) };
    return Object.assign({}, axis, title, ticks);
  };
  figures.forEach(function (figure) {
    var names = figure.traces.map(function (trace) { return wrap(trace.name, 28); });
    var lines = names.join('<br>').split('<br>').length;
    var plot = document.getElementById('plot-' + figure.id);
    var said = document.getElementById('point-' + figure.id);
    var rows = figure.traces.length;
    var room = figure.layout.room || 0;
    var layout = Object.assign({}, base, figure.layout, {
      xaxis: wrapAxis(figure.layout.xaxis),
      yaxis: wrapAxis(figure.layout.yaxis),
      height: figure.height || 420,
      showlegend: rows > 1,
      // Below the chart, on a phone one entry per line: at the side it would leave no room.
      legend: { orientation: 'h', y: 0, yref: 'container', yanchor: 'bottom', x: 0, xanchor: 'left', entrywidth: narrow ? 1 : 0, entrywidthmode: narrow ? 'fraction' : 'pixels' },
      margin: { l: 10, r: narrow ? 12 : 20, t: 14 + room, b: 60 + (rows > 1 ? (narrow ? 4 * rows + 20 * lines : 30) : 0) },
    });
    if (narrow && rows > 1) layout.height += 20 * lines;
    delete layout.room;
    var traces = figure.traces.map(function (trace, at) { return Object.assign({}, trace, { name: names[at] }); });
    var config = { responsive: true, displaylogo: false, displayModeBar: coarse || narrow ? false : 'hover', modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'] };
    Plotly.newPlot(plot, traces, layout, config).then(function () { plot.setAttribute('data-drawn', 'true'); });
    var at = { curve: 0, point: -1 };
    plot.addEventListener('keydown', function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
      var turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step === undefined && turn === undefined) return;
      event.preventDefault();
      if (turn !== undefined) at.curve = (at.curve + turn + rows) % rows;
      var trace = figure.traces[at.curve];
      at.point = Math.max(0, Math.min(trace.x.length - 1, at.point + (step === undefined ? 0 : step)));
      var across = trace.orientation === 'h' ? trace.text[at.point] : trace.x[at.point];
      var value = trace.orientation === 'h' ? trace.x[at.point] : trace.y[at.point];
      said.textContent = plain(trace.name) + ': ' + shown(across) + ', ' + (value === null ? 'nothing' : shown(value));
      try { Plotly.Fx.hover(plot, [{ curveNumber: at.curve, pointNumber: at.point }], trace.yaxis ? 'x' + trace.yaxis : undefined); } catch (_) { /* the line below the chart has the words */ }
    });
  });
})();`;

export const style = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #f5f5f3; }
main, header, footer { max-width: 1100px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 24px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 0 0 6px; }
section, figure { background: #fff; border: 1px solid #d9d9d4; border-radius: 8px; margin: 16px 0; padding: 16px; }
figure > p, section > p { margin: 0 0 8px; max-width: 75ch; overflow-wrap: anywhere; }
.verdict { border-left: 6px solid #0072B2; }
.verdict.none { border-left-color: #D55E00; }
.verdict strong { display: block; font-size: 1.3rem; line-height: 1.3; }
.quiet { color: #555; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 12px 0 0; }
dl.facts div { border-top: 2px solid #d9d9d4; padding-top: 4px; }
dl.facts dt { color: #555; font-size: .85rem; }
dl.facts dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 20px; }
code { display: inline-block; background: #eef1f3; padding: 1px 5px; border-radius: 4px; overflow-wrap: anywhere; }
.plot { width: 100%; min-height: 200px; }
.plot:focus-visible, .scroll:focus-visible, summary:focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
.point { display: block; min-height: 1.5em; color: #444; font-size: .9rem; }
summary { cursor: pointer; padding: 6px 0; }
.scroll { overflow: auto; max-height: 420px; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid #e4e4e0; white-space: nowrap; }
th { background: #f0f0ec; position: sticky; top: 0; }
th:first-child, td:first-child { text-align: left; }
td.text { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 8em; }
tr.now td { background: #fff6df; } tr.then td { background: #e3f3ec; }
footer { padding-bottom: 40px; color: #555; font-size: .9rem; }
@media (max-width: 600px) { main, header, footer { padding: 0 10px; } section, figure { padding: 12px 10px; } h1 { font-size: 1.35rem; } th, td { padding: 4px 6px; } }
@media print { .plot { break-inside: avoid; } details { display: none; } }
`;
