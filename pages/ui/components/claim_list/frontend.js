// Which claim is chosen lives here, so that going through them waits for nobody; the words in the
// text follow, by events between this list and the evidence view.
//
// What is to be stored is sent until the server has told that it is done and drawn, with a number
// by which the server knows what it did already. The next message waits for that: Streamlit's front
// end loses a page whose runs cut each other off. Only a click elsewhere does not wait, and a key
// for the rest of the page is passed on when all is done.
//
// Values of people go in by textContent only.

const KEYS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const KINDS = { a: "accept", r: "take_out" };
const PAUSE_MS = 400; // before the server is told which claim is chosen
const FOCUS_TRIES = 8;
const PATIENCE_MS = 10_000; // then it is told again what it has not confirmed

const lists = new Map(); // name of the list → ClaimList
let number = Date.now(); // of the last action or message

const listsOf = (text) => [...lists.values()].filter((list) => list.text === text);
document.addEventListener("words-picked", ({ detail }) => {
  for (const list of listsOf(detail.text)) list.pick(detail.claims);
});
document.addEventListener("words-drawn", ({ detail }) => {
  for (const list of listsOf(detail.text)) list.announce();
});
document.addEventListener(
  "pointerdown",
  ({ target }) => {
    for (const list of lists.values()) if (!list.host.contains(target)) list.left();
  },
  true,
);

export default function ({ data, parentElement, setTriggerValue }) {
  if ("done" in data) {
    lists.get(data.list)?.finish(data.done);
    return undefined;
  }
  const root = parentElement.querySelector(".claims");
  const list = lists.get(data.list) ?? new ClaimList(data.active);
  lists.set(data.list, list);
  list.host = root.getRootNode().host ?? root;
  list.report = (message) => setTriggerValue("acted", message);
  list.draw(root, data);
  return () => {
    if (list.root !== root) return;
    list.close();
    lists.delete(data.list);
  };
}

class ClaimList {
  items = []; // elements, as drawn
  unconfirmed = []; // actions, in their order
  message = 0; // number of the message that the server has not answered
  keys = []; // for the rest of the page, when all is done

  constructor(active) {
    this.told = active; // path of the claim that the server takes for the chosen one
    this.active = active ? { path: active } : null; // the row that is chosen
  }

  draw(root, data) {
    const isNew = this.root !== root;
    const shown = JSON.stringify(data.rows);
    this.text = data.text;
    this.refusal = data.refusal;
    root.style.setProperty("--height", `${data.height}px`);
    if (isNew || shown !== this.shown) this.rebuild(root, data.rows);
    this.shown = shown;
    if (!isNew) return;
    root.onkeydown = (event) => this.key(event);
    if (data.takeFocus) this.takeFocus(FOCUS_TRIES);
    this.reveal();
  }

  // The button that led here has the focus until the page before is gone.
  takeFocus(tries) {
    if (isFree(document.activeElement)) this.focus();
    else if (tries) setTimeout(() => this.root.isConnected && this.takeFocus(tries - 1), PAUSE_MS);
  }

  rebuild(root, rows) {
    const scrolled = root.scrollTop;
    const focused = root.getRootNode().activeElement;
    const button = root.contains(focused) ? focused.textContent : null;
    const place = this.rows?.findIndex((row) => row.path === this.active?.path);
    this.root = root;
    this.why = root.parentNode.querySelector(".why");
    root.replaceChildren(...[...groups(rows)].map(([field, some]) => group(field, some, this)));
    root.scrollTop = scrolled;
    this.items = [...root.querySelectorAll(".claim")];
    const byPath = new Map(rows.map((row) => [row.path, row]));
    this.rows = this.items.map((node) => byPath.get(node.dataset.path)); // in the order drawn
    if (this.active) this.active = this.now(this.active) ?? this.rows.at(place) ?? this.rows.at(-1);
    this.mark();
    if (button !== null) this.focus(button);
    this.announce();
  }

  // A row as it is drawn now: where others of its list were taken out, it has moved.
  now({ path, field, value }) {
    const here = this.rows.find((row) => row.path === path);
    if (here && (value === undefined || here.value === value)) return here;
    return this.rows.find((row) => row.field === field && row.value === value);
  }

  mark() {
    const current = this.rows.indexOf(this.active);
    const waiting = this.rows.map((row) => this.asked(row).length > 0);
    this.items.forEach((node, index) => {
      const chosen = index === current;
      const choose = node.querySelector(".choose");
      node.classList.toggle("active", chosen);
      node.classList.toggle("waiting", waiting[index]);
      if (chosen) choose.setAttribute("aria-current", "true");
      else choose.removeAttribute("aria-current");
      choose.tabIndex = index === Math.max(current, 0) ? 0 : -1; // one stop; the keys do the rest
      for (const act of node.querySelectorAll(".act")) act.tabIndex = chosen ? 0 : -1;
    });
  }

  // The chosen claim, or one of its buttons.
  focus(button) {
    const entry = this.items[Math.max(this.rows.indexOf(this.active), 0)];
    const acts = [...(entry?.querySelectorAll(".act") ?? [])];
    const same = acts.find((act) => act.textContent === button);
    (same ?? entry?.querySelector(".choose"))?.focus({ preventScroll: true });
  }

  reveal() {
    this.items[this.rows.indexOf(this.active)]?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = KEYS[event.key];
    const kind = KINDS[event.key];
    if (!step && !kind) {
      if (event.key.length > 1 || event.key === " " || !this.unconfirmed.length) return;
      this.keys.push(event);
    } else if (step) this.go(step);
    else if (!event.repeat) this.act(kind, this.active ?? this.rows[0]); // held down: once
    event.preventDefault();
    event.stopPropagation();
  }

  go(step) {
    const next = Math.max(this.rows.indexOf(this.active) + step, 0);
    this.choose(this.rows[Math.min(next, this.rows.length - 1)]);
  }

  // The same words again: the next claim that rests on them.
  pick(claims) {
    const path = claims[(claims.indexOf(this.active?.path) + 1) % claims.length];
    const row = this.rows.find((one) => one.path === path);
    if (row) this.choose(row);
  }

  choose(row) {
    remember(row?.path);
    this.say("");
    const focused = this.root.contains(this.root.getRootNode().activeElement);
    this.active = row;
    this.mark();
    if (focused) this.focus();
    this.reveal();
    this.announce();
    this.sendSoon();
  }

  announce() {
    const detail = { text: this.text, path: this.active?.path ?? null };
    document.dispatchEvent(new CustomEvent("claim-chosen", { detail }));
  }

  // Why a key did nothing; read aloud too.
  say(words) {
    this.why.textContent = words;
  }

  act(kind, row) {
    if (!row) return;
    if (this.refusal) return this.say(this.refusal);
    const { path, value } = row;
    if (kind === "accept" && row.support === "none") {
      this.say(`“${value}” has no source: select its words in the text, or take it out.`);
      return;
    }
    const known = this.asked(row);
    const gone = known.some((one) => one.kind === "take_out");
    if (!gone && !(kind === "accept" && (row.accepted || known.length))) {
      this.unconfirmed.push({ kind, path, value, number: ++number });
    }
    this.active = row;
    this.go(1);
    if (kind === "accept" && row.accepted) this.say(`“${value}” is accepted already.`);
    this.send();
  }

  // What is asked of a row and not confirmed.
  asked({ path, value }) {
    return this.unconfirmed.filter((one) => one.path === path && one.value === value);
  }

  // Something else was clicked, and may begin a run. What is to be stored goes before it; a mere
  // choice waits until after it, as the two runs would cut each other off.
  left() {
    if (this.unconfirmed.length) this.send(true);
    else this.sendSoon();
  }

  sendSoon() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.send(), PAUSE_MS);
  }

  send(atOnce = false) {
    const something = this.unconfirmed.length || (this.active?.path ?? null) !== this.told;
    if (!something || (this.message && !(atOnce && this.unconfirmed.length))) return;
    clearTimeout(this.pause);
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.sendAgain(), PATIENCE_MS);
    this.told = this.active?.path ?? null;
    this.message = ++number;
    this.report({ number, actions: this.unconfirmed, active: this.told });
  }

  sendAgain() {
    this.message = 0;
    this.send();
  }

  // The server has drawn all that follows from the messages up to this one.
  finish(done) {
    this.unconfirmed = this.unconfirmed.filter((action) => action.number > done);
    if (done < this.message) return;
    this.message = 0;
    clearTimeout(this.patience);
    this.mark();
    this.sendSoon(); // what is chosen may have moved
    if (this.unconfirmed.length) this.send();
    else for (const key of this.keys.splice(0)) this.host.dispatchEvent(sameKey(key));
  }

  close() {
    clearTimeout(this.pause);
    clearTimeout(this.patience);
  }
}

// The address says which claim is chosen, without an entry in the history for each.
function remember(path) {
  const address = new URL(location);
  if (!path || !address.searchParams.has("id")) return;
  address.searchParams.set("claim", path);
  history.replaceState(history.state, "", address);
}

// Nothing has the focus, or the list that this one takes the place of.
const isFree = (at) => at === document.body || Boolean(at?.shadowRoot?.querySelector(".claims"));

const sameKey = (event) => new KeyboardEvent(event.type, event);

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
  choose.onclick = () => list.choose(row);
  node.append(choose);
  if (list.refusal) return node;
  if (!row.accepted && row.support !== "none") {
    node.append(button("✓", `Accept: ${row.value}`, () => list.act("accept", row)));
  }
  node.append(button("✕", `Take out: ${row.value}`, () => list.act("take_out", row)));
  return node;
}

function group(field, rows, list) {
  const node = element("section");
  const items = element("ul");
  items.append(...rows.map((row) => item(row, list)));
  node.append(element("h2", "", field), items);
  return node;
}

function groups(rows) {
  const found = new Map();
  for (const row of rows) found.set(row.field, [...(found.get(row.field) ?? []), row]);
  return found;
}
