// What runs in the page of the report, in a browser: report.ts puts the text of these functions into it, so each of them stands
// alone. Names from a cluster become text nodes only.

/** @type {typeof import("./page.d.ts").visibleLines} */
export function visibleLines({ top, height }, lineHeight, count) {
  const spare = 12;
  const first = Math.max(0, Math.floor(top / lineHeight) - spare);
  const end = Math.min(count, Math.ceil((top + height) / lineHeight) + spare);
  return { first: Math.min(first, end), end };
}

/** @type {typeof import("./page.d.ts").keyStep} */
export function keyStep(key, page) {
  const steps = new Map([
    ["ArrowDown", 1],
    ["ArrowUp", -1],
    ["PageDown", page],
    ["PageUp", -page],
    ["Home", -Infinity],
    ["End", Infinity],
  ]);
  return steps.get(key);
}

/** @type {typeof import("./page.d.ts").matchingLines} */
export function matchingLines({ texts, rows }, { words, action }) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  // Texts repeat in cells: each is looked at once.
  const hits = wanted.map((word) => texts.map((text) => text.toLowerCase().includes(word)));
  const column = action === "" ? undefined : Number(action);
  return rows.filter(
    (row) =>
      (column === undefined || texts[row[column] ?? 0] !== "") && hits.every((hit) => row.some((text) => hit[text])),
  );
}

/** @type {typeof import("./page.d.ts").showLine} */
export function showLine(dialog, [name, ...cells]) {
  const title = document.createElement("h2");
  title.id = "matrix-line-title";
  title.textContent = name?.value ?? "";
  const facts = document.createElement("dl");
  for (const cell of cells) {
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = cell.name;
    value.textContent = cell.value;
    facts.append(term, value);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.autofocus = true;
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(title, facts, close);
  dialog.showModal();
}

/** @type {typeof import("./page.d.ts").need} */
export function need(id, kind) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${id}`);
}

/** @type {typeof import("./page.d.ts").startFindings} */
export function startFindings(parts) {
  const list = parts.need("finding-list", HTMLElement);
  const filters = parts.need("finding-filters", HTMLElement);
  const search = parts.need("finding-search", HTMLInputElement);
  const rule = parts.need("finding-rule", HTMLSelectElement);
  const count = parts.need("finding-count", HTMLElement);
  const items = [...list.querySelectorAll("details")];
  const boxes = [...filters.querySelectorAll("input")].filter((input) => input.type === "checkbox");
  /** @type {string[]} */
  let texts = [];
  filters.hidden = false;

  function filter() {
    const grades = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length > 0 && texts.length === 0) texts = items.map((item) => (item.textContent ?? "").toLowerCase());
    let shown = 0;
    for (const [index, item] of items.entries()) {
      const fits =
        grades.has(item.dataset["grade"] ?? "") &&
        (rule.value === "" || rule.value === item.dataset["rule"]) &&
        words.every((word) => texts[index]?.includes(word));
      item.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = `${shown} of ${items.length} findings`;
  }

  for (const control of [...boxes, search, rule]) control.addEventListener("input", filter);
  filter();

  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = items.filter((item) => !item.open && !item.hidden);
    for (const item of opened) item.open = true;
  });
  addEventListener("afterprint", () => {
    for (const item of opened) item.open = false;
  });
}

/** @type {typeof import("./page.d.ts").startMatrix} */
export function startMatrix(parts) {
  const filters = parts.need("matrix-filters", HTMLElement);
  const search = parts.need("matrix-search", HTMLInputElement);
  const action = parts.need("matrix-action", HTMLSelectElement);
  const count = parts.need("matrix-count", HTMLElement);
  const scroller = parts.need("matrix-scroller", HTMLElement);
  const table = parts.need("matrix-table", HTMLTableElement);
  const head = parts.need("matrix-head", HTMLTableSectionElement);
  const body = parts.need("matrix-body", HTMLTableSectionElement);
  const dialog = parts.need("matrix-line", HTMLDialogElement);
  /** @type {{ columns: string[], texts: string[], rows: number[][] }} */
  const { columns, texts, rows } = JSON.parse(parts.need("matrix-data", HTMLElement).textContent ?? "");
  const first = document.createElement("tr");
  const last = document.createElement("tr");
  for (const spacer of [first, last]) {
    spacer.className = "spacer";
    spacer.setAttribute("aria-hidden", "true");
  }
  let found = rows;
  let active = 0;
  let lineHeight = 36;
  let range = { first: -1, end: -1 };
  filters.hidden = false;

  /** @param {number} index */
  function drawnLine(index) {
    const row = document.createElement("tr");
    row.setAttribute("aria-rowindex", String(index + 2));
    for (const [column, text] of (found[index] ?? []).entries()) {
      const cell = document.createElement(column === 0 ? "th" : "td");
      if (column === 0) {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset["index"] = String(index);
        button.tabIndex = index === active ? 0 : -1;
        button.textContent = texts[text] ?? "";
        cell.scope = "row";
        cell.append(button);
      } else cell.textContent = texts[text] || "-";
      row.append(cell);
    }
    return row;
  }

  /** @param {{ first: number, end: number }} shown */
  function draw(shown) {
    // Without its lines the table is short for a moment, and the browser scrolls to what there is.
    const { scrollTop } = scroller;
    const had = body.contains(document.activeElement);
    range = shown;
    const drawn = [];
    for (let index = shown.first; index < shown.end; index += 1) drawn.push(drawnLine(index));
    first.style.height = `${shown.first * lineHeight}px`;
    last.style.height = `${(found.length - shown.end) * lineHeight}px`;
    body.replaceChildren(first, ...drawn, last);
    scroller.scrollTop = scrollTop;
    if (had) (button(active) ?? scroller).focus({ preventScroll: true });
  }

  /** @param {number} index @returns {HTMLElement | null} */
  const button = (index) => body.querySelector(`button[data-index="${index}"]`);

  const inSight = () =>
    parts.visibleLines({ top: scroller.scrollTop, height: scroller.clientHeight }, lineHeight, found.length);

  function update() {
    const shown = inSight();
    if (shown.first === range.first && shown.end === range.end) return;
    // A line that is reached by the tab key must be there.
    if (active < shown.first || active >= shown.end)
      active = Math.min(found.length - 1, Math.ceil(scroller.scrollTop / lineHeight));
    draw(shown);
  }

  function filter() {
    found = parts.matchingLines({ texts, rows }, { words: search.value, action: action.value });
    count.textContent = `${found.length} of ${rows.length} lines`;
    table.setAttribute("aria-rowcount", String(found.length + 1));
    active = 0;
    scroller.scrollTop = 0;
    range = { first: -1, end: -1 };
    update();
  }

  /** @param {number} index */
  function move(index) {
    active = Math.max(0, Math.min(found.length - 1, index));
    const room = scroller.clientHeight - head.offsetHeight;
    const top = active * lineHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + lineHeight > scroller.scrollTop + room) scroller.scrollTop = top + lineHeight - room;
    draw(inSight());
    button(active)?.focus({ preventScroll: true });
  }

  body.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(scroller.clientHeight / lineHeight) - 2);
    const step = parts.keyStep(event.key, page);
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(active + step);
  });

  body.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement && target.dataset["index"]) active = Number(target.dataset["index"]);
  });

  body.addEventListener("click", ({ target }) => {
    const row = target instanceof Element ? target.closest("tr") : undefined;
    const chosen = row?.querySelector("button");
    if (!chosen) return;
    active = Number(chosen.dataset["index"]);
    chosen.focus({ preventScroll: true });
    parts.showLine(
      dialog,
      (found[active] ?? []).map((text, column) => ({ name: columns[column] ?? "", value: texts[text] || "-" })),
    );
  });

  dialog.addEventListener("close", () => button(active)?.focus({ preventScroll: true }));

  function measure() {
    const drawn = body.querySelector("tr:not(.spacer)");
    const height = drawn?.getBoundingClientRect().height ?? 0;
    if (height > 0) lineHeight = height;
    range = { first: -1, end: -1 };
    update();
  }

  let waiting = false;
  scroller.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      update();
    });
  });
  for (const control of [search, action]) control.addEventListener("input", filter);
  addEventListener("resize", measure);
  addEventListener("beforeprint", () => draw({ first: 0, end: found.length }));
  addEventListener("afterprint", measure);
  filter();
  measure();
}
