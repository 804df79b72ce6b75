/** Quiet, and the same on every system: its own fonts, numerals of one width, colours that people with any colour vision can tell apart by lightness too. */
const light = `
  --paper: #ffffff; --ink: #1b2027; --muted: #5a6572; --line: #e4e7eb; --wash: #f6f7f9; --link: #0a58b0;
  --original: #b45309; --unlearned: #1f62c4; --oracles: #68737f;
  --good: #04694f; --good-wash: #e7f4ef; --under: #9a4a00; --under-wash: #fdf0e1; --over: #71389b; --over-wash: #f4ecfa;
  --worse: #a8201a; --worse-wash: #fceceb; --different: #6b5a00; --different-wash: #f8f3da; --unknown: #5a6572; --unknown-wash: #f1f3f5;`;

const dark = `
  --paper: #15181d; --ink: #e3e7ec; --muted: #98a3b0; --line: #2c323a; --wash: #1c2026; --link: #7ab2f5;
  --original: #f0a04b; --unlearned: #74adf7; --oracles: #98a3b0;
  --good: #6fd0ae; --good-wash: #16302a; --under: #f3b06a; --under-wash: #38281a; --over: #cfa3ee; --over-wash: #302440;
  --worse: #f59a93; --worse-wash: #3b2222; --different: #dcc76a; --different-wash: #312d18; --unknown: #98a3b0; --unknown-wash: #22272e;`;

export const style = `
:root { color-scheme: light dark; ${light}
}
@media screen and (prefers-color-scheme: dark) { :root { ${dark}
} }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 3rem clamp(1rem, 4vw, 2.5rem) 5rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 400 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
h1, h2, h3, h4 { line-height: 1.25; font-weight: 650; text-wrap: balance; break-after: avoid; }
h1 { font-size: 2.1rem; letter-spacing: -.015em; margin: 0; }
h2 { font-size: 1.45rem; letter-spacing: -.01em; margin: 4rem 0 .75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 2.25rem 0 .6rem; }
h4 { font-size: .95rem; margin: 1.75rem 0 .4rem; }
p { margin: 0 0 1rem; max-width: 46rem; }
small { font-size: .72rem; }
.eyebrow { margin: 0 0 .35rem; font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--muted); }
.subtitle { margin: .35rem 0 0; color: var(--muted); }
.lead { font-size: 1.06rem; margin: 2rem 0 1.5rem; }
.note { font-size: .85rem; color: var(--muted); }
.note strong { color: var(--ink); font-weight: 600; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: 1.25rem 0 0; padding: 0; list-style: none; font-size: .9rem; }
ul.plain, ul.marked { margin: 0 0 1.25rem; max-width: 52rem; }
ul.plain { padding-left: 1.15rem; }
ul.plain li { margin: .35rem 0; }
ul.plain li::marker { color: var(--muted); }
ul.marked { padding: 0; list-style: none; }
ul.marked li { display: grid; grid-template-columns: 1.5rem 1fr; align-items: baseline; margin: .45rem 0; }
.lead + ul.marked { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 2rem; max-width: none; font-size: .9rem; }
.lead + ul.marked li { margin: .15rem 0; }
.mark { display: inline-block; width: 1.1em; text-align: center; font-size: .85em; line-height: 1; }
.mark.good { color: var(--good); } .mark.under { color: var(--under); } .mark.over { color: var(--over); }
.mark.worse { color: var(--worse); } .mark.different { color: var(--different); } .mark.unknown { color: var(--unknown); }
.scroll { overflow-x: auto; margin: 1.25rem 0 1.5rem; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: separate; border-spacing: 0; min-width: 100%; font-size: .9rem; line-height: 1.3; }
caption { text-align: left; caption-side: top; color: var(--muted); font-size: .85rem; padding: 0 0 .5rem; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(100%, calc(100vw - 2rem)); }
th, td { padding: .5rem .5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { vertical-align: bottom; font-weight: 600; font-size: .8rem; border-bottom: 1px solid var(--muted); }
th small, td small { display: block; font-weight: 400; color: var(--muted); white-space: nowrap; margin-top: .1rem; }
td.right, th.right { text-align: right; }
tbody th { font-weight: 600; white-space: nowrap; position: sticky; left: 0; background: var(--paper); }
.value { white-space: nowrap; }
td.left.plain .value { white-space: normal; }
td.left.plain { min-width: 7rem; }
td .mark { margin-right: .3rem; }
td.good { background: var(--good-wash); } td.under { background: var(--under-wash); } td.over { background: var(--over-wash); }
td.worse { background: var(--worse-wash); } td.different { background: var(--different-wash); } td.unknown { background: var(--unknown-wash); }
td[class*="right "]:not(.plain), td[class*="left "]:not(.plain) { border-right: 2px solid var(--paper); }
tr.reference th, tr.reference td.plain { background: var(--wash); }
tr.reference th { font-weight: 500; }
figure { margin: 2.5rem 0; }
figcaption { font-size: .88rem; color: var(--muted); max-width: 52rem; margin-bottom: .6rem; break-after: avoid; }
figcaption strong { color: var(--ink); font-size: .95rem; display: block; margin-bottom: .15rem; }
.keys { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .75rem; padding: 0; list-style: none; font-size: .82rem; break-after: avoid; }
.keys li { display: inline-flex; align-items: center; gap: .45rem; }
.panels { display: grid; gap: 1.1rem 1.5rem; }
.columns-1 { overflow-x: auto; }
.columns-1 .chart { min-width: 40rem; max-width: 54rem; }
.columns-3 { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.columns-2 { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.panel { break-inside: avoid; min-width: 0; }
.panel p { margin: 0 0 .15rem; font-size: .82rem; color: var(--muted); }
.panel p strong { color: var(--ink); font-weight: 600; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
details { border-top: 1px solid var(--line); padding: .6rem 0; }
details:last-child { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 600; font-size: .95rem; }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
details td, details th { font-size: .82rem; }
details td.left { min-width: 6rem; }
pre { overflow-x: auto; background: var(--wash); padding: 1rem; font: .82rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
@media (max-width: 52rem) {
  body { padding-top: 1.75rem; }
  h1 { font-size: 1.7rem; } h2 { margin-top: 3rem; }
  .columns-3, .columns-2 { grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
}
@media print {
  @page { margin: 15mm 12mm; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  nav { display: none; }
  h2 { margin-top: 1.5rem; } h2 + p { break-after: avoid; }
  figure, figcaption { break-inside: avoid; }
  .columns-1 .chart { min-width: 0; }
  .scroll { overflow: visible; break-inside: avoid; }
  details .scroll { break-inside: auto; }
  tr, li, .panel { break-inside: avoid; }
  table { font-size: 7.5pt; } th, td { padding: .3rem .35rem; } small { font-size: 6.5pt; } thead th { font-size: 7pt; }
  th small, td small { white-space: normal; }
  .columns-3 { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  tbody th { position: static; }
}
`;
