// Conveniences on top of a page that is complete without them: sorting, search, links to rows that open them, and copying
// as Markdown. Text of the report only ever moves as text.
"use strict";
(() => {
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const make = (name, props = {}, ...children) => {
  const node = Object.assign(document.createElement(name), props);
  node.append(...children);
  return node;
};
const words = node => node.textContent.replace(/\s+/g, " ").trim();

// Sorting. A row is a whole tbody and takes its details along.
const UNITS = {d: 864e5, h: 36e5, m: 6e4, s: 1e3, ms: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15, EB: 1e18};
const amount = text => {
  let sum = 0, found = false;
  for (const [, number, unit] of text.replace(/,/g, "").matchAll(/(\d+(?:\.\d+)?) ?(ms|[kMGTPE]B|[dhms](?![a-z]))?/g)) {
    sum += number * (UNITS[unit] || 1);
    found = true;
  }
  if (text.startsWith("<")) sum -= 1e-9;
  if (text.startsWith(">")) sum += 1e-9;
  return found ? (text.startsWith("−") ? -sum : sum) : null;
};
const key = (row, at, kind) => {
  const cell = row.rows[0].cells[at];
  const small = kind !== "n" && at > 0 && cell ? cell.querySelector("small") : null;
  const text = cell ? words(small ? cell.firstElementChild : cell) : "";
  if (!text || text === "–") return null;
  return kind === "n" ? amount(text) : text;
};
const order = new Intl.Collator("en", {numeric: true, sensitivity: "base"}).compare;
const sortable = table => {
  const rows = [...table.tBodies];
  if (rows.length < 2) return;
  const heads = all("th", table.tHead);
  for (const head of heads.filter(head => head.dataset.sort)) {
    const kind = head.dataset.sort;
    const button = make("button", {type: "button"});
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = kind === "t" ? "ascending" : "descending";
      const second = kind === "t" ? "descending" : "ascending";
      const now = head.getAttribute("aria-sort");
      const next = now === first ? second : now === second ? null : first;
      for (const other of heads) other.removeAttribute("aria-sort");
      if (!next) return table.append(...rows);
      head.setAttribute("aria-sort", next);
      const sign = next === "ascending" ? 1 : -1;
      const keyed = rows.map((row, at) => ({row, at, key: key(row, head.cellIndex, kind)}));
      keyed.sort((a, b) => {
        if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.at - b.at;
        return sign * (kind === "n" ? a.key - b.key : order(a.key, b.key)) || a.at - b.at;
      });
      table.append(...keyed.map(({row}) => row));
    });
  }
};

// Search, together with the chips.
const searches = new Map();
const searchable = (box, name) => {
  const table = box.querySelector(":scope > .scroll > table");
  const rows = [...table.tBodies];
  const field = make("input", {type: "search", autocomplete: "off", spellcheck: false, placeholder: name});
  const count = make("output", {className: "count"});
  count.setAttribute("role", "status");
  const texts = new Map();
  const text = row => {
    if (!texts.has(row)) texts.set(row, words(row).toLowerCase());
    return texts.get(row);
  };
  const search = () => {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !wanted.every(word => text(row).includes(word));
    const shown = rows.filter(row => row.checkVisibility ? row.checkVisibility() : row.offsetParent).length;
    count.textContent = `${shown} of ${rows.length} shown`;
  };
  // A browser may have kept a choice from before. To ask what is seen takes time on a large page.
  if (box.querySelector(":scope > .chips > label ~ label > :checked")) search();
  else count.textContent = `${rows.length} of ${rows.length} shown`;
  field.addEventListener("input", search);
  field.addEventListener("keydown", event => {
    if (event.key === "Escape" && field.value) {
      event.preventDefault();
      field.value = "";
      search();
    }
  });
  for (const chip of all(":scope > .chips input", box)) chip.addEventListener("change", search);
  box.querySelector(":scope > .scroll").before(
    make("div", {className: "find"}, make("label", {}, make("span", {className: "vh", textContent: name}), field), count));
  searches.set(box, {field, search});
};

// A link to a row opens it and all around it, and drops what hides it.
const reveal = () => {
  // Anchors are letters, digits and "-": anything else leads nowhere.
  const row = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!row) return;
  for (let at = row; at; at = at.parentElement) {
    if (at.tagName === "DETAILS") at.open = true;
    if (at.tagName === "TBODY") for (const own of all(":scope > tr > td > details", at)) own.open = true;
    const box = at.tagName === "TBODY" && at.closest(".flt");
    if (box && at.offsetParent === null) {
      const found = searches.get(box);
      if (found) found.field.value = "";
      for (const chip of all(":scope > .chips > label:first-of-type > input", box)) chip.checked = true;
      for (const more of all(":scope > .more > input", box)) more.checked = true;
      if (found) found.search();
    }
  }
  row.scrollIntoView();
};

// Copying as Markdown.
const plain = text => text.replace(/[\\`*_{}[\]<>#|~@&$]/g, "\\$&").replace(/\s+/g, " ").trim();
const isShown = node => !node.closest(".vh, svg, .chips, .find, .more, .copy, .how, .ghost");
const text = node => {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const parts = [];
  while (walker.nextNode()) {
    const at = walker.currentNode;
    if (!at.data.trim() || !isShown(at.parentElement)) continue;
    const code = at.parentElement.closest("code");
    parts.push(code ? "`" + at.data.replace(/[`|]/g, "'") + "`" : plain(at.data));
  }
  return parts.join(" ");
};
const cell = node => {
  const dl = node && node.querySelector("dl");
  return dl ? all("dt", dl).map(dt => `${text(dt)}: ${text(dt.nextElementSibling)}`).join(" ") : node ? text(node) : "";
};
const grid = table => {
  const line = cells => `| ${cells.join(" | ")} |`;
  const heads = [...table.tHead.rows[0].cells].filter(cell => cell.tagName === "TH");
  const kept = heads.map((head, at) => at).filter(at => !heads[at].classList.contains("drawn"));
  const lines = [line(kept.map(at => text(heads[at]))), line(kept.map(at => heads[at].dataset.sort === "n" ? "--:" : "---"))];
  for (const row of table.tBodies) {
    if (row.offsetParent === null) continue;
    lines.push(line(kept.map(at => cell(row.rows[0].cells[at]))));
  }
  return lines.join("\n");
};
const list = dl => all("dt", dl).map(dt => {
  const values = [];
  for (let at = dt.nextElementSibling; at && at.tagName === "DD"; at = at.nextElementSibling) values.push(text(at));
  return `- ${text(dt)}: ${values.join(", ")}`;
}).join("\n");
const markdown = root => {
  const out = [];
  const visit = node => {
    if (node.nodeType !== 1 || !isShown(node) || node.matches("details:not([open]), summary, .legend, fieldset, script")) return;
    if (node.matches(".pane, .block, tbody") && node.offsetParent === null) return;
    if (/^H[1-6]$/.test(node.tagName)) return out.push(`${"#".repeat(node.tagName[1])} ${text(node)}`);
    if (node.tagName === "TABLE") return node.tHead && out.push(grid(node));
    if (node.tagName === "DL") return out.push(list(node));
    if (node.tagName === "LI") return out.push(`- ${text(node)}`);
    if (node.tagName === "P") return out.push(text(node));
    for (const child of node.children) visit(child);
  };
  for (const child of root.children) visit(child);
  return out.filter(Boolean).join("\n\n").replace(/(^|\n)(- .*)\n\n(?=- )/g, "$1$2\n") + "\n";
};
const told = make("div", {className: "vh"});
told.setAttribute("role", "status");
const put = async text => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Where pages may not write to the clipboard by themselves, the old way may still work.
    const area = make("textarea", {value: text});
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("no clipboard");
  }
};
const copier = made => {
  const button = make("button", {type: "button", className: "copy", textContent: "Copy as Markdown"});
  button.addEventListener("click", async () => {
    let said = "Copied";
    try {
      await put(made());
    } catch {
      said = "Copying is not possible here";
    }
    button.textContent = told.textContent = said;
    setTimeout(() => {
      button.textContent = "Copy as Markdown";
      told.textContent = "";
    }, 2500);
  });
  return button;
};

document.body.append(told);
for (const table of all("section > .block > .scroll > table, section > .block > .flt > .scroll > table, section > .block > details > .flt > .scroll > table, section > .block > details > .scroll > table")) sortable(table);
for (const box of all("#scans > .block > .flt:not(.fold)")) searchable(box, "Find a scan or run");
for (const section of all("section")) {
  const head = section.querySelector("h2");
  if (head) head.after(copier(() => markdown(section)));
}
// The event of a details element does not bubble, so it is caught on its way down.
document.addEventListener("toggle", ({target: details}) => {
  const row = details.closest("tbody[id^=run-]");
  if (row && details.open && details.closest("tbody") === row && !details.querySelector(":scope > .copy")) {
    details.querySelector("summary").after(copier(() => `### Run ${text(row.rows[0].cells[0])}\n\n${markdown(details)}`));
  }
}, true);
addEventListener("keydown", event => {
  const field = [...searches.values()][0]?.field;
  const typing = event.target.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing && field) {
    event.preventDefault();
    field.focus();
    field.scrollIntoView({block: "center"});
  }
});
addEventListener("hashchange", reveal);
reveal();
})();
