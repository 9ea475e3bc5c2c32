// Which claim is chosen lives here, so that going through them waits for nobody; the words in the
// text follow, by events between this list and the evidence view. What is to be stored goes to the
// server one thing at a time: Streamlit's front end loses a page whose runs are cut off by others.
// Values of people go in by textContent only.

const KEYS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const PAUSE_MS = 400; // before the server is told which claim is chosen
const PATIENCE_MS = 8000; // then an action counts as done, whatever became of it

const lists = new Map(); // name of the list → ClaimList
let number = Date.now(); // of the last action

document.addEventListener("words-picked", ({ detail }) => {
  for (const list of lists.values()) if (list.text === detail.text) list.pick(detail.claims);
});
document.addEventListener("words-drawn", ({ detail }) => {
  for (const list of lists.values()) if (list.text === detail.text) list.announce();
});

export default function ({ data, parentElement, setTriggerValue }) {
  if (!lists.has(data.list)) lists.set(data.list, new ClaimList());
  const list = lists.get(data.list);
  if ("done" in data) {
    list.finish(data.done);
    return undefined;
  }
  list.send = (action) => setTriggerValue("acted", action);
  list.draw(parentElement.querySelector(".claims"), data);
  return () => lists.get(data.list) === list && lists.delete(data.list);
}

class ClaimList {
  active = null; // path of the chosen claim
  told = null; // the one that the server knows of
  asked = null; // the action that the server has not finished
  held = []; // what the analyst did meanwhile

  draw(root, data) {
    const first = this.root !== root;
    const scrolled = root.scrollTop;
    const focused = root.contains(root.getRootNode().activeElement);
    this.root = root;
    this.text = data.text;
    this.rows = new Map(data.rows.map((row) => [row.path, row]));
    this.active ??= this.told = data.active;
    root.style.setProperty("--height", `${data.height}px`);
    root.replaceChildren(
      ...[...groups(data.rows)].map(([field, rows]) => group(field, rows, this)),
    );
    root.scrollTop = scrolled;
    root.onkeydown = (event) => this.key(event);
    this.items = [...root.querySelectorAll(".claim")];
    this.paths = this.items.map((node) => node.dataset.path);
    this.mark(focused || (first && data.takeFocus && document.activeElement === document.body));
    if (first) this.reveal();
  }

  // One stop in the tab order; the keys do the rest.
  mark(focus) {
    const current = this.paths.indexOf(this.active);
    this.items.forEach((node, index) => {
      const chosen = index === current;
      const choose = node.querySelector(".choose");
      node.classList.toggle("active", chosen);
      node.classList.toggle("waiting", this.storing && this.asked.path === node.dataset.path);
      if (chosen) choose.setAttribute("aria-current", "true");
      else choose.removeAttribute("aria-current");
      choose.tabIndex = index === Math.max(current, 0) ? 0 : -1;
      for (const act of node.querySelectorAll(".act")) act.tabIndex = chosen ? 0 : -1;
    });
    const entry = this.items[Math.max(current, 0)]?.querySelector(".choose");
    if (focus) entry?.focus({ preventScroll: true });
  }

  reveal() {
    this.items[this.paths.indexOf(this.active)]?.scrollIntoView({ block: "nearest" });
  }

  get storing() {
    return this.asked !== null && this.asked.kind !== "choose";
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = KEYS[event.key];
    const kind = { a: "accept", r: "take_out" }[event.key];
    if (!step && !kind) return;
    event.preventDefault();
    event.stopPropagation();
    if (step) this.go(step);
    else if (!event.repeat) this.storeCurrent(kind); // a key that is held down means it once
  }

  go(step) {
    if (this.storing) return this.held.push(() => this.go(step));
    const next = Math.max(this.paths.indexOf(this.active) + step, 0);
    this.choose(this.paths[Math.min(next, this.paths.length - 1)]);
  }

  // The same words again: the next claim that rests on them.
  pick(claims) {
    if (this.storing) return this.held.push(() => this.pick(claims));
    this.choose(claims[(claims.indexOf(this.active) + 1) % claims.length]);
  }

  choose(path) {
    if (this.storing) return this.held.push(() => this.choose(path));
    if (this.rows.has(path)) this.show(path);
  }

  show(path) {
    this.active = path;
    this.mark(this.root.contains(this.root.getRootNode().activeElement));
    this.reveal();
    this.announce();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.tell(), PAUSE_MS);
  }

  announce() {
    const detail = { text: this.text, path: this.active };
    document.dispatchEvent(new CustomEvent("claim-chosen", { detail }));
  }

  tell() {
    if (this.asked) this.held.push(() => this.tell());
    else if (this.active !== this.told) this.ask({ kind: "choose", path: this.active });
  }

  storeCurrent(kind) {
    if (this.asked) return this.held.push(() => this.storeCurrent(kind));
    const path = this.rows.has(this.active) ? this.active : this.paths[0];
    if (path !== undefined) this.store(kind, this.rows.get(path));
  }

  store(kind, drawn) {
    if (this.asked) return this.held.push(() => this.store(kind, drawn));
    const row = this.now(drawn);
    if (!row) return; // taken out meanwhile
    const place = this.paths.indexOf(row.path);
    const next = kind === "accept" ? (this.paths[place + 1] ?? row.path) : row.path;
    if (!row.accepted || kind !== "accept") {
      this.ask({ kind, path: row.path, value: row.value, next, place });
    }
    this.show(next);
  }

  // A row as it is now: where others of its list were taken out, it has moved.
  now({ path, field, value }) {
    const here = this.rows.get(path);
    if (here?.value === value) return here;
    return [...this.rows.values()].find((row) => row.field === field && row.value === value);
  }

  ask(action) {
    const asked = { ...action, number: ++number };
    this.asked = asked;
    this.told = action.next ?? action.path;
    setTimeout(() => this.finish(asked.number), PATIENCE_MS);
    this.send(asked);
  }

  // The server has drawn all that follows from an action: what was held back comes now.
  finish(done) {
    if (this.asked?.number !== done) return;
    const { kind, place } = this.asked;
    this.asked = null;
    if (kind === "take_out" && this.paths.length) {
      this.show(this.paths[Math.min(place, this.paths.length - 1)]);
    } else this.mark(false);
    for (const act of this.held.splice(0)) act();
  }
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function button(label, title, act) {
  const node = element("button", "act", label);
  node.type = "button";
  node.title = title;
  node.setAttribute("aria-label", title);
  node.tabIndex = -1;
  node.onclick = (event) => {
    event.stopPropagation();
    act();
  };
  return node;
}

function item(row, list) {
  const node = element("li", "claim");
  node.dataset.path = row.path;
  const choose = element("button", "choose");
  choose.type = "button";
  choose.tabIndex = -1;
  const value = element("span", "value", row.value);
  value.dir = "auto";
  const badge = element("span", "badge", row.label);
  badge.dataset.support = row.support;
  choose.append(value, badge);
  if (row.accepted) choose.append(element("span", "accepted", "✓ accepted"));
  choose.onclick = () => list.choose(row.path);
  node.append(choose);
  if (!row.accepted && row.support !== "none") {
    node.append(button("✓", `Accept: ${row.value}`, () => list.store("accept", row)));
  }
  node.append(button("✕", `Take out: ${row.value}`, () => list.store("take_out", row)));
  return node;
}

function group(field, rows, list) {
  const node = element("section");
  const items = element("ul");
  items.append(...rows.map((row) => item(row, list)));
  node.append(element("h3", "", field), items);
  return node;
}

function groups(rows) {
  const found = new Map();
  for (const row of rows) found.set(row.field, [...(found.get(row.field) ?? []), row]);
  return found;
}
