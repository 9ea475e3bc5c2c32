import { CELLS, COLUMNS, cell, element, nameLink, open, tick } from "./cells.js";
import { previewOf } from "./preview.js";

// A persona is opened by its link: the address changes once and Streamlit follows it as it follows
// Back, so that one Back returns to this very list. Which columns are shown, and how closely rows
// stand, is kept in this browser.

const FIXED = ["about"]; // cannot be hidden
const KEPT = "persona-list-view";
const WIDE = matchMedia("(min-width: 1100px)"); // enough for a preview beside the list
const LIST = "persona-list-wanted"; // told by the search box: go into what is found for this text
const KEYS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const HELP = [
  ["/", "search"],
  ["j k or ↓ ↑", "next and previous persona"],
  ["Enter", "open it"],
  ["p", "preview beside the list, on a wide screen"],
  ["x", "choose it"],
  ["Esc", "choose none"],
  ["?", "show these keys"],
];
const VIEW = { dense: true, hidden: ["created"], preview: false };

function readView() {
  try {
    return { ...VIEW, ...JSON.parse(localStorage.getItem(KEPT)) };
  } catch {
    return VIEW;
  }
}

let wanted = null; // a search whose first row is to be gone to once it stands
document.addEventListener(LIST, ({ detail }) => {
  wanted = detail;
});

class Table {
  constructor(root) {
    this.root = root;
    this.chosen = new Set();
    this.current = -1;
    this.view = readView();
    this.list = element("div", "list");
    this.aside = element("section", "preview");
    this.aside.setAttribute("aria-label", "Preview");
    root.replaceChildren(this.list, this.aside);
    WIDE.addEventListener("change", () => root.isConnected && this.applyView());
    document.addEventListener("keydown", (event) => {
      if (root.isConnected) this.key(event);
    });
    document.addEventListener(LIST, () => root.isConnected && this.enter());
  }

  draw(data) {
    this.show(data);
    this.enter();
  }

  show(data) {
    const signature = JSON.stringify(data);
    if (this.signature === signature) return; // ticks stay as they are
    this.signature = signature;
    const held = this.root.getRootNode().activeElement?.closest("tr")?.dataset.id;
    this.asked = undefined;
    const isOther = this.data?.list !== data.list;
    this.data = data;
    const shown = new Set(isOther ? [] : data.rows.map((row) => row.id));
    const hadChosen = this.chosen.size;
    this.chosen = new Set([...this.chosen].filter((id) => shown.has(id)));
    if (isOther) this.current = -1;
    this.boxes = new Map();
    const body = element("tbody");
    this.lines = data.rows.map((row) => this.line(row));
    body.append(...this.lines);
    const table = element("table", data.choosable ? "choosable" : "");
    table.append(element("caption", "hidden", "Personas"), this.head(), body);
    this.list.replaceChildren(table, this.chooser(), this.help());
    this.current = Math.min(this.current, this.lines.length - 1);
    this.applyView();
    this.refresh();
    if (held) this.lineOf(held)?.querySelector("a").focus({ preventScroll: true });
    if (isOther && hadChosen) this.tell();
  }

  lineOf(id) {
    return this.lines.find((line) => line.dataset.id === id);
  }

  // Enter in the search box leads here, when the rows are those of its text.
  enter() {
    if (wanted === null || wanted !== this.data?.searched || !this.lines.length) return;
    wanted = null;
    this.current = -1;
    this.go(1);
  }

  head() {
    const row = element("tr");
    if (this.data.choosable) {
      this.whole = tick("Choose all on this page", () =>
        this.choose([...this.boxes.keys()], this.whole.checked),
      );
      const node = element("td", "tick");
      node.append(this.whole);
      row.append(node);
    }
    for (const [name, label] of [["name", "Name"], ...Object.entries(COLUMNS)]) {
      const node = element("th", name, label);
      node.scope = "col";
      row.append(node);
    }
    const node = element("thead");
    node.append(row);
    return node;
  }

  line(row) {
    const node = element("tr");
    node.dataset.id = row.id;
    if (this.data.choosable) {
      const box = tick(`Choose ${row.name || "No name"}`, () => this.choose([row.id], box.checked));
      this.boxes.set(row.id, box);
      node.append(cell("tick", [box]));
    }
    node.append(cell("name", [nameLink(row, this.data.link)]));
    for (const name of Object.keys(COLUMNS)) node.append(cell(name, CELLS[name](row)));
    node.onclick = (event) => {
      const elsewhere = event.target.closest("a, input, .tick");
      if (elsewhere || String(window.getSelection())) return;
      if (this.previews) this.goTo(this.lines.indexOf(node));
      else open(node.querySelector("a"));
    };
    node.ondblclick = () => this.previews && open(node.querySelector("a"));
    node.addEventListener("focusin", () => this.follow(this.lines.indexOf(node)));
    return node;
  }

  // Which columns are shown, and how closely the rows stand.
  chooser() {
    const menu = element("details", "view");
    const summary = element("summary", "", "View");
    const dense = tick("Compact rows", () => this.setView({ dense: dense.checked }));
    dense.checked = this.view.dense;
    this.toggle = tick("Preview", () => this.setView({ preview: this.toggle.checked }));
    const choices = [
      ["Compact rows", dense],
      ["Preview (p)", this.toggle],
    ];
    for (const [name, label] of Object.entries(COLUMNS)) {
      if (FIXED.includes(name)) continue;
      const box = tick(label, () => {
        const others = this.view.hidden.filter((one) => one !== name);
        this.setView({ hidden: box.checked ? others : [...others, name] });
      });
      box.checked = !this.view.hidden.includes(name);
      choices.push([label, box]);
    }
    const list = element("div", "choices");
    for (const [label, box] of choices) {
      const node = element("label");
      node.append(box, label);
      list.append(node);
    }
    menu.append(summary, list);
    menu.onkeydown = (event) => {
      if (event.key === "Escape") menu.open = false;
    };
    return menu;
  }

  setView(part) {
    this.view = { ...this.view, ...part };
    try {
      localStorage.setItem(KEPT, JSON.stringify(this.view));
    } catch {} // a browser that keeps nothing
    this.applyView();
  }

  get previews() {
    return this.view.preview && WIDE.matches && this.data.choosable;
  }

  applyView() {
    const table = this.list.querySelector("table");
    this.root.classList.toggle("previewing", this.previews);
    this.toggle.checked = this.view.preview;
    this.toggle.disabled = !WIDE.matches || !this.data.choosable;
    const known = Boolean(this.data.previews);
    if (this.previews !== known && this.asked !== this.previews) {
      this.asked = this.previews;
      this.wantPreviews(this.previews);
    }
    this.drawPreview();
    table.classList.toggle("dense", this.view.dense);
    for (const name of Object.keys(COLUMNS)) {
      table.classList.toggle(`without-${name}`, this.view.hidden.includes(name));
    }
  }

  drawPreview() {
    if (!this.previews) return;
    const row = this.data.rows[this.current];
    if (!row) {
      this.aside.replaceChildren(element("p", "quiet", "j, k or a click shows a persona here."));
      return;
    }
    this.aside.replaceChildren(...previewOf(row, this.data.previews?.[row.id], this.data.link));
    this.aside.scrollTop = 0;
  }

  help() {
    const node = element("dl", "keys");
    node.hidden = !this.helping;
    node.tabIndex = -1;
    for (const [key, does] of HELP) node.append(element("dt", "", key), element("dd", "", does));
    return node;
  }

  // It stands below the list: there it is gone to, and back to where one was.
  showHelp() {
    const keys = this.root.querySelector(".keys");
    const at = this.root.getRootNode().activeElement;
    this.helping = !this.helping;
    keys.hidden = !this.helping;
    if (this.helping) {
      this.before = at;
      keys.focus({ preventScroll: true });
      keys.scrollIntoView({ block: "nearest" });
    } else {
      this.before?.focus({ preventScroll: true });
      (this.before ?? this.lines[this.current])?.scrollIntoView({ block: "nearest" });
    }
  }

  choose(ids, on) {
    for (const id of ids) on ? this.chosen.add(id) : this.chosen.delete(id);
    this.refresh();
    this.tell();
  }

  refresh() {
    for (const [id, box] of this.boxes) box.checked = this.chosen.has(id);
    this.lines.forEach((line, index) => {
      line.classList.toggle("current", index === this.current);
      line.classList.toggle("chosen", this.chosen.has(this.data.rows[index].id));
    });
    if (!this.whole) return;
    this.whole.checked = this.chosen.size === this.boxes.size;
    this.whole.indeterminate = this.chosen.size > 0 && !this.whole.checked;
  }

  follow(index) {
    if (index < 0 || index === this.current) return;
    this.current = index;
    this.refresh();
    this.drawPreview();
  }

  go(step) {
    this.goTo(Math.min(Math.max(this.current + step, 0), this.lines.length - 1));
  }

  goTo(index) {
    this.follow(index);
    this.lines[this.current].querySelector("a").focus({ preventScroll: true });
    this.lines[this.current].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const at = event.composedPath()[0];
    const types = at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
    if (types && at.type !== "checkbox") return;
    if (document.querySelector("[role=dialog]")) return;
    if (!this.root.contains(at) && !/^(\?|[jkpx])$/.test(event.key)) return;
    if (!this.act(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  act(key) {
    const row = this.data.rows[this.current];
    if (KEYS[key]) this.go(KEYS[key]);
    else if (key === "p" && !this.toggle.disabled) this.toggle.click();
    else if (key === "x" && row && this.data.choosable) {
      this.choose([row.id], !this.chosen.has(row.id));
    } else if (key === "Escape" && this.chosen.size) this.choose([...this.chosen], false);
    else if (key === "?") this.showHelp();
    else return false;
    return true;
  }
}

const tables = new WeakMap(); // element → Table

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".personas");
  if (!tables.has(root)) tables.set(root, new Table(root));
  const table = tables.get(root);
  table.tell = () => setStateValue("chosen", { list: table.data.list, ids: [...table.chosen] });
  table.wantPreviews = (on) => setStateValue("previewing", on);
  table.draw(data);
}
