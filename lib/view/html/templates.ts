// What the report looks like, for eta, which escapes every `<%= %>`; `<%~ %>` is what another template, or this program, made.

export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="<%= it.policy %>">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title><%= it.report.title %></title>
<style><%~ it.style %></style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1><%= it.report.title %></h1>
<p><%= it.report.place %>, <time datetime="<%= it.report.made %>"><%= it.report.made %></time></p>
<% if (it.sections.length > 1) { %>
<nav aria-label="Sections"><ul>
<% for (const { id, name } of it.sections) { %>
<li><a href="#<%= id %>"><%= name %></a></li>
<% } %>
</ul></nav>
<% } %>
</header>
<main id="content">
<% if (it.report.missing.length > 0) { %>
<section class="missing" aria-label="Not complete">
<p>This is not complete:</p>
<ul>
<% for (const why of it.report.missing) { %>
<li><%= why %></li>
<% } %>
</ul>
</section>
<% } %>
<% if (it.report.facts.length > 0 || it.counts.length > 0) { %>
<section id="summary" aria-labelledby="summary-title">
<h2 id="summary-title">Summary</h2>
<% if (it.counts.length > 0) { %>
<dl class="counts">
<% for (const { grade, count } of it.counts) { %>
<div class="<%= grade %>"><dt><%= grade %></dt><dd><%= count %></dd></div>
<% } %>
</dl>
<% } %>
<% if (it.report.facts.length > 0) { %>
<dl class="facts">
<% for (const { name, value } of it.report.facts) { %>
<div><dt><%= name %></dt><dd><%= value %></dd></div>
<% } %>
</dl>
<% } %>
</section>
<% } %>
<% if (it.findings !== undefined) { %>
<%~ include("@findings") %>
<% } %>
<% if (it.report.matrix !== undefined) { %>
<%~ include("@matrix") %>
<% } %>
<% if (it.rules.length > 0) { %>
<section id="rules" aria-labelledby="rules-title">
<h2 id="rules-title">Rules</h2>
<dl class="rules">
<% for (const { id, rule, summary, explanation, fix } of it.rules) { %>
<div id="<%= id %>"><dt><code><%= rule %></code></dt><dd><p><strong><%= summary %></strong></p><p><%= explanation %></p><%~ include("@fix", fix) %></dd></div>
<% } %>
</dl>
</section>
<% } %>
</main>
<% if (it.script !== "") { %>
<script><%~ it.script %></script>
<% } %>
</body>
</html>
`;

export const findings = `<section id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
<% if (it.findings.length === 0) { %>
<p>Nothing was found.</p>
<% } else { %>
<div id="finding-filters" class="filters" role="search" aria-label="Findings" hidden>
<label>Search <input id="finding-search" type="search" autocomplete="off" spellcheck="false"></label>
<label>Rule <select id="finding-rule"><option value="">all</option>
<% for (const { rule } of it.rules) { %>
<option value="<%= rule %>"><%= rule %></option>
<% } %>
</select></label>
<fieldset><legend>Severity</legend>
<% for (const { grade } of it.counts) { %>
<label><input type="checkbox" value="<%= grade %>" checked> <%= grade %></label>
<% } %>
</fieldset>
<output id="finding-count" for="finding-search finding-rule"></output>
</div>
<div id="finding-list">
<% for (const finding of it.findings) { %>
<%~ include("@finding", { finding }) %>
<% } %>
</div>
<% } %>
</section>
`;

export const finding = `<details class="finding" data-grade="<%= it.finding.grade %>" data-rule="<%= it.finding.rule %>">
<summary><span class="grade <%= it.finding.grade %>"><%= it.finding.grade %></span> <span class="about"><code><%= it.finding.rule %></code> <%= it.finding.object %></span> <span class="title"><%= it.finding.message %></span></summary>
<div class="body">
<dl>
<dt>What to do</dt><dd><%~ include("@fix", it.finding.fix) %></dd>
<% if (it.finding.who.length > 0) { %>
<dt>Who</dt><dd><%= it.finding.who.join(", ") %></dd>
<% } %>
<% if (it.finding.evidence.length > 0) { %>
<dt>Shown by</dt><dd><%= it.finding.evidence.join(", ") %></dd>
<% } %>
<% if (it.finding.ruleId !== undefined) { %>
<dt>Why</dt><dd><a href="#<%= it.finding.ruleId %>">the rule <%= it.finding.rule %></a></dd>
<% } %>
</dl>
<% if (it.finding.picture !== undefined) { %>
<%~ include("@picture", { picture: it.finding.picture, id: it.finding.id }) %>
<% } %>
</div>
</details>
`;

export const fix = `<p><%= it.text %></p><% if (it.command !== "") { %><pre><code><%= it.command %></code></pre><% } %>`;

export const picture = `<svg class="picture" role="img" aria-labelledby="<%= it.id %>" viewBox="0 0 <%= it.picture.width %> <%= it.picture.height %>" width="<%= it.picture.width %>" height="<%= it.picture.height %>">
<title id="<%= it.id %>"><%= it.picture.title %></title>
<% for (const { from, to, lines } of it.picture.arrows) { %>
<path class="arrow" d="M<%= it.picture.width / 2 %> <%= from %>V<%= to - 7 %>"/><path class="tip" d="M<%= it.picture.width / 2 - 4 %> <%= to - 8 %>h8l-4 8z"/>
<% for (const { text, y } of lines) { %>
<text class="by" x="<%= it.picture.width / 2 + 10 %>" y="<%= y %>"><%= text %></text>
<% } %>
<% } %>
<% for (const { kind, y, height, kindY, lines } of it.picture.boxes) { %>
<rect class="<%= kind %>" x="1" y="<%= y %>" width="<%= it.picture.width - 2 %>" height="<%= height %>" rx="6"/>
<text class="kind" x="12" y="<%= kindY %>"><%= kind %></text>
<% for (const { text, y } of lines) { %>
<text class="name" x="12" y="<%= y %>"><%= text %></text>
<% } %>
<% } %>
</svg>
`;

export const matrix = `<section id="matrix" aria-labelledby="matrix-title">
<h2 id="matrix-title">Matrix</h2>
<% if (it.report.matrix.rows.length === 0) { %>
<p>Nobody may do anything.</p>
<% } else { %>
<p><%= it.report.matrix.caption %></p>
<noscript><p>This table needs scripts; the same is in the output of <code>kubectl mirrord audit matrix -o csv</code>.</p></noscript>
<div id="matrix-filters" class="filters" role="search" aria-label="Matrix" hidden>
<label>Search <input id="matrix-search" type="search" autocomplete="off" spellcheck="false"></label>
<label>Action <select id="matrix-action"><option value="">any</option>
<% for (const [index, column] of it.report.matrix.columns.entries()) { %>
<% if (index >= it.report.matrix.actionsFrom) { %>
<option value="<%= index %>"><%= column %></option>
<% } %>
<% } %>
</select></label>
<output id="matrix-count" for="matrix-search matrix-action"></output>
</div>
<div id="matrix-scroller" class="scroller" tabindex="0" role="region" aria-label="Lines of the matrix">
<table id="matrix-table">
<thead id="matrix-head"><tr aria-rowindex="1">
<% for (const column of it.report.matrix.columns) { %>
<th scope="col"><%= column %></th>
<% } %>
</tr></thead>
<tbody id="matrix-body"></tbody>
</table>
</div>
<dialog id="matrix-line" aria-labelledby="matrix-line-title"></dialog>
<script type="application/json" id="matrix-data"><%~ it.data %></script>
<% } %>
</section>
`;
