// A form of fields over one document. It begins with buffer.js, which sends what is typed: here the
// fields that were touched, with all that stands in them. What the server knows of a value, its
// words and hints, is drawn anew at each answer; what stands in the boxes never is.
//
// Texts of people go in by textContent and value only.

const TYPING_PAUSE_MS = 300;
const LONG = 60; // characters in one line of a box

const forms = new Map(); // key of the document → Form

document.addEventListener("words-picked", ({ detail }) => {
  for (const form of forms.values()) if (form.data.view === detail.text) form.pick(detail.claims);
});
document.addEventListener("words-drawn", ({ detail }) => {
  for (const form of forms.values()) if (form.data.view === detail.text) form.announce();
});

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".form");
  let form = forms.get(data.key);
  if (form?.root !== root) form = new Form(root, data);
  forms.set(data.key, form);
  form.send = (doc) => setStateValue("doc", doc);
  form.ask = (wish) => setTriggerValue("asked", wish);
  form.update(data);
  return () => {
    form.close();
    if (forms.get(data.key) === form) forms.delete(data.key);
  };
}

class Form extends Buffer {
  constructor(root, data) {
    super(root, data, "form");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", data.label);
    root.addEventListener("focusin", ({ target }) => this.choose(target.closest(".row")));
    this.build();
  }

  update(data) {
    if (this.take(data)) this.build();
    this.root.style.setProperty("--height", `${data.height}px`);
    this.annotate();
    if (this.text !== this.sent) this.flush(); // typed while the server was away
  }

  build() {
    const scrolled = this.root.scrollTop;
    const known = this.text ? JSON.parse(this.text) : { base: this.data.base, edits: [] };
    this.base = known.base;
    this.edits = new Map(known.edits);
    this.fields = new Map();
    this.root.replaceChildren(element("div", "fields"));
    if (!this.data.readOnly) this.root.append(this.another());
    for (const row of this.data.rows) this.add(row, null);
    for (const [name, value] of this.edits) this.overlay(name, value);
    this.root.scrollTop = scrolled;
  }

  // What was typed before this form was drawn.
  overlay(name, value) {
    const old = this.fields.get(name);
    if (old?.kind === "json") return;
    const kind = Array.isArray(value) ? "list" : "one";
    if (value !== null) {
      const row = { name, label: name, fixed: false, ...old?.data, kind, value };
      this.add(row, old?.section.nextSibling ?? null);
    } else this.fields.delete(name);
    old?.section.remove();
  }

  add(row, next) {
    const field = new Field(row, this);
    this.fields.set(row.name, field);
    this.root.firstChild.insertBefore(field.section, next);
    return field;
  }

  touched(field, pause) {
    this.edits.set(field.name, field.value());
    this.chooseAgain();
    this.changed(JSON.stringify({ base: this.base, edits: [...this.edits] }), pause);
  }

  takeOut(field) {
    field.section.remove();
    this.fields.delete(field.name);
    this.edits.set(field.name, null);
    this.changed(JSON.stringify({ base: this.base, edits: [...this.edits] }), 0);
    this.name.focus();
  }

  // Words and hints, as the server sees what was sent last.
  annotate() {
    const { words, hints, rows } = this.data;
    const known = Object.groupBy(words, ({ path }) => path);
    const noSource = new Set(rows.filter(({ kind }) => kind !== "json").map(({ name }) => name));
    for (const field of this.fields.values()) {
      field.tell(Object.hasOwn(hints, field.name) ? hints[field.name] : "");
      if (field.kind === "json") continue;
      for (const row of field.rows()) {
        const told = known[field.path(row)] ?? [];
        const without = !told.length && noSource.has(field.name) && !field.isSummary;
        showWords(row, told, without && row.box.value.trim() !== "", this);
      }
    }
    this.chooseAgain();
  }

  rowAt(path) {
    for (const field of this.fields.values()) {
      const found = field.kind !== "json" && field.rows().find((row) => field.path(row) === path);
      if (found) return found;
    }
    return undefined;
  }

  choose(row, again = false) {
    if (!row?.field) return;
    this.chosen = row.field.path(row);
    if (this.current !== row || !row.classList.contains("active")) {
      this.current?.classList.remove("active");
      row.classList.add("active");
    }
    this.current = row;
    if (!again || this.announced !== this.chosen) this.announce();
  }

  // Its place may be another one now.
  chooseAgain() {
    const row = this.current?.isConnected ? this.current : this.rowAt(this.chosen);
    this.choose(row, true);
  }

  // A summary rests on the other values: words of the text are not taken for it.
  announce() {
    this.announced = this.chosen;
    const { label, isSummary } = this.current?.field ?? {};
    const path = isSummary ? null : (this.chosen ?? null);
    const detail = { text: this.data.view, path, label };
    document.dispatchEvent(new CustomEvent("claim-chosen", { detail }));
  }

  // The same words again: the next value that rests on them.
  pick(paths) {
    const path = paths[(paths.indexOf(this.chosen) + 1) % paths.length];
    const row = this.rowAt(path);
    row?.box.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  another() {
    const node = element("div", "another");
    this.name = element("input");
    this.name.setAttribute("aria-label", "Name of another field");
    this.name.placeholder = "Another field";
    this.name.dir = "auto";
    this.name.onkeydown = (event) => event.key === "Enter" && this.create("one");
    this.why = element("p", "hint");
    this.why.setAttribute("role", "status");
    const one = button("Add value", () => this.create("one"));
    node.append(
      this.name,
      one,
      button("Add list", () => this.create("list")),
      this.why,
    );
    return node;
  }

  create(kind) {
    const name = this.name.value.trim();
    const there = this.fields.get(name);
    this.why.textContent = name ? "" : "Give the field a name first.";
    if (there) this.why.textContent = `There is a field “${name}” already.`;
    if (!name || there) return this.name.focus();
    this.name.value = "";
    const value = kind === "list" ? [""] : "";
    this.add({ name, label: name, kind, value, fixed: false }, null).rows()[0].box.focus();
  }
}

class Field {
  constructor(data, form) {
    Object.assign(this, { name: data.name, label: data.label, kind: data.kind, data, form });
    this.isSummary = data.name === "summary";
    this.section = element("section", `field ${data.kind}`);
    this.section.setAttribute("role", "group");
    this.section.setAttribute("aria-label", data.label);
    const head = element("div", "head");
    const title = element("span", "label", data.label);
    title.dir = "auto";
    head.append(title);
    this.hint = element("p", "hint");
    this.body = element("div", "rows");
    this.section.append(head, this.body, this.hint);
    if (data.kind === "json") this.asJson(head);
    else this.asBoxes(head);
  }

  asBoxes(head) {
    const { label, kind, value, fixed } = this.data;
    for (const one of [value].flat()) this.body.append(this.row(one));
    const readOnly = this.form.data.readOnly;
    if (kind === "list" && !readOnly) head.append(this.adds());
    if (!fixed && !readOnly) head.append(remove(`Take out the field ${label}`, () => this.leave()));
    this.number();
  }

  leave() {
    this.form.takeOut(this);
  }

  asJson(head) {
    const value = element("code", "preview", this.data.value);
    value.dir = "auto";
    this.body.append(value);
    const label = this.form.data.readOnly ? "Show as JSON" : "Edit as JSON";
    head.append(button(label, () => this.form.ask({ kind: "json" })));
  }

  adds() {
    const add = button("+ Add", () => this.insert(null));
    add.setAttribute("aria-label", `Add to ${this.label}`);
    return add;
  }

  row(value) {
    const row = element("div", "row");
    const box = element("textarea");
    row.field = this;
    row.box = box;
    box.value = value;
    box.dir = "auto";
    box.spellcheck = false;
    const readOnly = this.form.data.readOnly;
    box.readOnly = readOnly;
    if (this.data.numeric) box.inputMode = "numeric";
    fit(box);
    box.oninput = () => {
      fit(box);
      this.form.touched(this, TYPING_PAUSE_MS);
    };
    if (!readOnly) box.onkeydown = (event) => this.key(event, row);
    if (this.kind === "list" && !readOnly) box.onpaste = (event) => this.paste(event, row);
    row.words = element("div", "words");
    row.append(box);
    if (this.kind === "list" && !readOnly) row.append(remove("", () => this.drop(row)));
    row.append(row.words);
    return row;
  }

  // Enter makes the next item of a list; a line break stays possible with Shift.
  key(event, row) {
    const breaks = event.shiftKey || this.isSummary || row.box.value.includes("\n");
    if (event.key !== "Enter" || event.isComposing) return;
    if (this.kind === "list" && !event.shiftKey) this.insert(row);
    else if (breaks) return;
    event.preventDefault();
  }

  // Several lines are several items.
  paste(event, row) {
    const pasted = event.clipboardData.getData("text/plain").split(/\r?\n/);
    const items = pasted.map((line) => line.trim()).filter(Boolean);
    if (items.length < 2) return;
    event.preventDefault();
    if (!row.box.value.trim()) row.box.value = items.shift();
    for (const item of items.reverse()) this.insert(row, item);
    this.form.touched(this, 0);
  }

  insert(after, value = "") {
    const row = this.row(value);
    if (after) after.after(row);
    else this.body.append(row);
    this.number();
    row.box.focus();
  }

  drop(row) {
    const rows = this.rows();
    const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
    row.remove();
    this.number();
    this.form.touched(this, 0);
    if (next) next.box.focus();
    else this.section.querySelector(".head button").focus();
  }

  rows() {
    return [...this.body.children];
  }

  number() {
    const single = this.kind !== "list";
    this.rows().forEach((row, index) => {
      const name = single ? this.label : `${this.label} ${index + 1}`;
      row.box.setAttribute("aria-label", name);
      row.querySelector(".remove")?.setAttribute("aria-label", `Take out ${name}`);
    });
  }

  // Where the value stands in the document: empty items are no part of it, new ones its end.
  path(row) {
    const name = `/${this.name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (this.kind !== "list") return name;
    const rows = this.rows();
    const until = row.box.value.trim() ? rows.indexOf(row) : rows.length;
    const before = rows.slice(0, until).filter(({ box }) => box.value.trim());
    return `${name}/${before.length}`;
  }

  value() {
    const values = this.rows().map(({ box }) => box.value);
    return this.kind === "list" ? values : values[0];
  }

  tell(hint) {
    if (this.hint.textContent !== hint) this.hint.textContent = hint;
  }
}

function showWords(row, told, without, form) {
  const shown = JSON.stringify([told, without]);
  if (row.shown === shown) return;
  row.shown = shown;
  row.words.replaceChildren(...told.map((words) => quote(words, row, form)));
  if (without) row.words.append(element("span", "none", "no source"));
}

function quote({ quote: words, support, label, picked }, row, form) {
  const node = element("span", "quote");
  node.dataset.support = support;
  const text = element("bdi", "", `“${words}”`);
  text.title = words;
  node.append(text, element("span", "support", picked === null ? label : "picked, not saved"));
  if (picked !== null) {
    const leave = () => form.ask({ kind: "leave out", number: picked });
    node.append(remove(`Leave out the words ${words}`, leave));
  }
  node.onclick = () => form.choose(row);
  return node;
}

function fit(box) {
  const lines = box.value.split("\n").map((line) => Math.max(1, Math.ceil(line.length / LONG)));
  box.rows = Math.min(
    10,
    lines.reduce((sum, count) => sum + count, 0),
  );
}

function button(label, act) {
  const node = element("button", "", label);
  node.type = "button";
  node.onclick = act;
  return node;
}

function remove(label, act) {
  const node = button("✕", act);
  node.className = "remove";
  node.setAttribute("aria-label", label);
  return node;
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
