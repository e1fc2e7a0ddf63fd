"""The style sheet of a report's page: light, dark and print, readable without colours."""

# No character that XML would escape may stand here: no child selectors, no ampersands.
CSS = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --soft: #5a5a5a;
  --line: #b8b8b8; --band: #f1f1f1; --mark: #8a1200; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181a;
  --soft: #a6a6a6; --line: #4b4f54; --band: #22262a; --mark: #ff9c85; } }
body { font: 14px/1.4 sans-serif; color: var(--ink); background: var(--paper);
  max-width: 72rem; margin: 1rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; line-height: 1.3; border-left: 6px solid var(--mark);
  padding-left: .6rem; margin: .5rem 0 1rem; }
h2 { font-size: 1rem; margin: 1.2rem 0 .3rem; border-bottom: 1px solid var(--line); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
ul { margin: .2rem 0; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .8rem; }
th { text-align: left; color: var(--soft); font-weight: normal; white-space: nowrap; }
th, td { padding: .05rem .2rem; vertical-align: top; }
tr.band td { background: var(--band); font-weight: bold; border-top: 1px solid var(--line); }
tr.changed td { font-weight: bold; color: var(--mark); }
td.number { text-align: right; white-space: nowrap; }
.ways { display: grid; grid-template-columns: repeat(auto-fit, minmax(31rem, 1fr)); gap: 1rem; }
.wide { grid-template-columns: minmax(0, 1fr); } .ways div { min-width: 0; overflow-x: auto; }
.note { color: var(--soft); font-size: .85rem; margin: .2rem 0; }
pre { font: .75rem/1.25 monospace; background: var(--band); padding: .4rem; overflow-x: auto;
  white-space: pre-wrap; }
.raw { display: grid; gap: 0 1rem;
  grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--ink); font: 11px sans-serif; }
svg .soft { fill: var(--soft); } svg .axis { stroke: var(--line); }
svg .rtt { stroke: var(--ink); stroke-width: 1.5; } svg .range { fill: var(--ink); opacity: .18; }
svg .frame { fill: none; stroke: var(--line); } svg .incident { fill: var(--band); }
svg .gap { fill: url(#gap); } svg .hatch { stroke: var(--line); }
svg .bar { stroke: var(--ink); stroke-width: .5; }
svg .turn { stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 3 2; }
@page { size: A4; margin: 12mm; }
@media print { :root { --ink: #000; --paper: #fff; --soft: #333; --line: #999; --band: #eee;
  --mark: #000; } body { font-size: 8.5pt; max-width: none; margin: 0; padding: 0; }
  h1 { font-size: 12pt; margin: 0 0 2mm; } h2 { font-size: 9.5pt; margin: 2.5mm 0 1mm; }
  table, .note { font-size: 7.5pt; } pre { font-size: 5.5pt; line-height: 1.15;
   padding: 1mm; margin: 1mm 0; }
  .ways { grid-template-columns: 1fr 1fr; } .wide { grid-template-columns: 1fr; }
  .ways div { overflow-x: visible; }
  .raw { grid-template-columns: repeat(auto-fit, minmax(56mm, 1fr)); gap: 0 2mm; }
  ul { columns: 2; margin: 0; } li { break-inside: avoid; } dl { gap: 0 4mm; }
  svg, tr, .block { break-inside: avoid; }
  svg .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
