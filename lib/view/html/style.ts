export const style = `
:root { color-scheme: light dark; --back: #ffffff; --panel: #f6f8fa; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --link: #0a58ca;
  --high: #b42318; --medium: #7a4f01; --low: #475467; --subject: #e7f0ff; --team: #ede7fd; --binding: #e3f5ec; --role: #fdf3d8; --target: #fde8e6; }
@media (prefers-color-scheme: dark) { :root { --back: #0f141a; --panel: #171d25; --text: #e6edf3; --soft: #9aa7b4; --line: #3a434d; --link: #79b8ff;
  --high: #ff9d92; --medium: #f0b849; --low: #a9b6c3; --subject: #14283f; --team: #2a2244; --binding: #12332a; --role: #3a3013; --target: #42201d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem clamp(1rem, 4vw, 2.5rem) 4rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0.5rem 0 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.25rem; }
header p { margin: 0.25rem 0; color: var(--soft); }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.9em; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; background: var(--back); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.75rem 0 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: 0.25rem 0; }
.missing { margin: 1.5rem 0 0; padding: 0.75rem 1rem; border: 1px solid var(--medium); border-radius: 6px; }
.missing p, .missing ul { margin: 0; }
.counts, .facts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.75rem; margin: 0; overflow-wrap: break-word; }
.facts { grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); margin-top: 0.75rem; }
.counts div, .facts div { padding: 0.6rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
.counts dt, .facts dt { color: var(--soft); font-size: 0.875rem; }
.counts dd, .facts dd { margin: 0; }
.counts dd { font-size: 1.5rem; font-weight: 600; line-height: 1.2; }
.counts div { border-left: 5px solid var(--low); }
.counts .high { border-left-color: var(--high); }
.counts .medium { border-left-color: var(--medium); }
.filters { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; align-items: center; margin: 0 0 1rem; }
.filters[hidden] { display: none; }
.filters fieldset { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0; border: 0; }
.filters legend { float: left; margin-right: 0.75rem; }
.filters input[type="search"], .filters select { min-height: 2.25rem; max-width: 100%; margin-left: 0.25rem; padding: 0.25rem 0.5rem;
  border: 1px solid var(--soft); border-radius: 6px; background: var(--back); color: var(--text); font: inherit; }
.filters input[type="checkbox"] { width: 1.1rem; height: 1.1rem; vertical-align: -0.15rem; }
.filters output { color: var(--soft); }
.finding { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 0.5rem; }
.finding[hidden] { display: none; }
.finding summary { display: grid; grid-template-columns: 4.25rem 1fr; gap: 0 0.75rem; padding: 0.6rem 1rem; cursor: pointer; list-style: none; }
.finding summary::-webkit-details-marker { display: none; }
.finding summary::before { content: "+"; grid-area: 2 / 1; color: var(--soft); }
.finding[open] summary::before { content: "\\2212"; }
.finding summary:hover { background: var(--panel); }
.title { grid-column: 2; }
.about { color: var(--soft); font-size: 0.875rem; }
.grade { font-size: 0.875rem; font-weight: 700; }
.grade.high { color: var(--high); }
.grade.medium { color: var(--medium); }
.grade.low { color: var(--low); }
.body { display: grid; gap: 1rem; padding: 0.25rem 1rem 1rem; }
.body dl, .rules { margin: 0; }
.body dt, .rules dt { margin-top: 0.5rem; color: var(--soft); font-size: 0.875rem; }
.body dd, .rules dd { margin: 0; }
.body dd p { margin: 0; }
pre { margin: 0.25rem 0 0; padding: 0.4rem 0.75rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); white-space: pre-wrap; }
.rules dd p { margin: 0 0 0.25rem; }
.rules div { margin: 0 0 1.25rem; scroll-margin-top: 1rem; }
.picture { display: block; max-width: 100%; height: auto; font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.picture rect { stroke: var(--soft); stroke-width: 1; fill: var(--panel); }
.picture .subject { fill: var(--subject); }
.picture .team { fill: var(--team); }
.picture .binding { fill: var(--binding); }
.picture .role { fill: var(--role); }
.picture .target { fill: var(--target); }
.picture text { fill: var(--text); font-size: 12.5px; white-space: pre; }
.picture .kind { fill: var(--text); font: italic 12px system-ui, sans-serif; }
.picture .by { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.picture .arrow { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.picture .tip { fill: var(--soft); }
.scroller { max-height: 70vh; overflow: auto; border: 1px solid var(--line); border-radius: 6px; overflow-anchor: none; }
table { border-collapse: separate; border-spacing: 0; min-width: 100%; font-size: 0.9375rem; }
thead th { position: sticky; top: 0; z-index: 2; background: var(--panel); border-bottom: 1px solid var(--line); }
th, td { padding: 0 0.75rem; height: 2.25rem; max-width: 16rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left; }
tbody th, tbody td { border-bottom: 1px solid var(--line); }
tbody tr:hover { background: var(--panel); cursor: pointer; }
tbody th { position: sticky; left: 0; z-index: 1; max-width: min(20rem, 45vw); background: var(--back); font-weight: 400; }
thead th:first-child { left: 0; z-index: 3; }
tbody th button { display: block; width: 100%; overflow: hidden; text-overflow: ellipsis; padding: 0; border: 0; background: none; color: var(--link);
  font: inherit; text-align: left; white-space: nowrap; cursor: pointer; }
tbody th button:focus-visible { outline-offset: -2px; }
dialog { max-width: min(44rem, 92vw); border: 1px solid var(--soft); border-radius: 8px; background: var(--back); color: var(--text); }
dialog::backdrop { background: rgb(0 0 0 / 50%); }
dialog h2 { margin-top: 0; }
dialog dt { margin-top: 0.5rem; color: var(--soft); font-size: 0.875rem; }
dialog dd { margin: 0; }
dialog > button { margin-top: 1rem; min-height: 2.25rem; padding: 0.25rem 1.25rem; font: inherit; }
@media (max-width: 36rem) { .title { grid-column: 1 / -1; } .finding summary { grid-template-columns: 4.25rem 1fr auto; }
  .finding summary::before { grid-area: 1 / 3; } }
@media (min-width: 60rem) { .body:has(.picture) { grid-template-columns: 1fr 22rem; } }
@media print {
  @page { margin: 14mm; }
  :root { --back: #ffffff; --panel: #ffffff; --text: #000000; --soft: #444444; --line: #999999; --link: #000000; --high: #8f1a11; --medium: #5c3b00;
    --low: #333333; --subject: #ffffff; --team: #ffffff; --binding: #ffffff; --role: #ffffff; --target: #ffffff; color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .filters, dialog { display: none; }
  .finding { break-inside: avoid; }
  .finding summary::before, .finding[open] summary::before { content: none; }
  .body:has(.picture) { grid-template-columns: 1fr 16rem; }
  .finding::details-content { content-visibility: visible; height: auto; }
  .rules div { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroller { max-height: none; overflow: visible; border: 0; }
  thead { display: table-header-group; }
  thead th, tbody th { position: static; }
  th, td, tbody th button { max-width: none; height: auto; white-space: normal; overflow: visible; }
  table { font-size: 8pt; width: 100%; }
  tr { break-inside: avoid; }
}
`;
