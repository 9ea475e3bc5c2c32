// Draws the text (data.blocks). Which claim is chosen is the claim list's: the two meet by events.
// Everything of the text is written as text nodes, never as HTML.

const views = new Map(); // name of the view → View

document.addEventListener("claim-chosen", ({ detail }) => {
  views.get(detail.text)?.activate(detail.path, detail.label);
});

export default function ({ data, parentElement, setTriggerValue }) {
  if (!views.has(data.view)) views.set(data.view, new View(data.view));
  const view = views.get(data.view);
  const root = parentElement.querySelector(".evidence");
  view.use = (words) => setTriggerValue("marked", words);
  view.markable = data.markable;
  if (view.root !== root || view.revision !== data.revision) view.drawLater(root, data);
  root.style.setProperty("--height", `${data.height}px`);
  return () => view.root === root && views.delete(data.view);
}

function tell(event, detail) {
  document.dispatchEvent(new CustomEvent(event, { detail }));
}

class View {
  active = null;
  marks = new Map(); // claim → its marks, in the order of the text
  claims = new WeakMap(); // mark → its claims

  constructor(name) {
    this.name = name;
  }

  // Not while somebody selects words in it: they would lose them.
  drawLater(root, data) {
    const inUse = this.root === root && (this.selected || this.pressed);
    if (inUse) this.later = data;
    else this.draw(root, data);
  }

  released() {
    const data = this.later;
    if (!data || this.selected || this.pressed) return;
    this.draw(this.root, data);
  }

  draw(root, data) {
    const scrolled = this.root === root ? this.text.scrollTop : 0;
    this.later = null;
    this.root = root;
    this.revision = data.revision;
    this.marks = new Map();
    this.text = element("div", { className: "text", tabIndex: 0 });
    this.text.setAttribute("role", "region");
    this.text.setAttribute("aria-label", data.label);
    this.text.append(...data.blocks.map((pieces) => this.block(pieces)));
    this.text.addEventListener("click", (event) => this.choose(event));
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("pointerdown", () => this.press());
    const bar = element("div", { className: "bar" });
    bar.append(legend(data.legend));
    if (this.markable) bar.append(this.wordsButton());
    root.replaceChildren(bar, this.text);
    this.all = [...this.text.querySelectorAll("mark")];
    if (this.all.length) this.all[0].tabIndex = 0;
    this.text.scrollTop = scrolled;
    this.activate(this.active, this.label);
    tell("words-drawn", { text: this.name });
  }

  press() {
    this.pressed = true;
    const up = () => {
      this.pressed = false;
      setTimeout(() => this.released()); // once the selection is known
    };
    for (const event of ["pointerup", "pointercancel"]) {
      document.addEventListener(event, up, { once: true, capture: true });
    }
  }

  pick(claims) {
    tell("words-picked", { text: this.name, claims });
  }

  // Words are named by block and by code points within it, as drawn; Python knows the rest.
  wordsButton() {
    const button = element("button", { className: "use", type: "button", disabled: true });
    this.button = button;
    button.title = "Select words in the text, then press this to make them evidence";
    if (this.markable === "claim") button.title += " (e on a marked passage)";
    button.onmousedown = (event) => event.preventDefault(); // keeps the selection
    button.onclick = () => {
      if (!this.selected) return;
      this.use({ ...this.selected, claim: this.active });
      getSelection().removeAllRanges();
    };
    const watch = () => {
      if (!button.isConnected) return document.removeEventListener("selectionchange", watch);
      const range = selectedRange(this.text);
      this.selected = range && this.words(range);
      this.nameButton();
      this.released();
    };
    document.addEventListener("selectionchange", watch);
    this.selected = null;
    this.nameButton();
    return button;
  }

  useAll(mark) {
    const range = document.createRange();
    range.selectNodeContents(mark);
    this.use({ ...this.words(range), claim: this.active });
  }

  nameButton() {
    if (!this.button) return;
    const lacks = this.markable === "claim" && !this.active;
    const target = this.markable === "claim" ? `Evidence of ${this.label ?? ""}` : null;
    this.button.textContent = lacks ? "Choose a field first" : (target ?? "Use selected words");
    this.button.disabled = lacks || !this.selected;
  }

  words(range) {
    const from = this.place(range.startContainer, range.startOffset);
    const to = this.place(range.endContainer, range.endOffset);
    return from && to && { from, to };
  }

  place(node, offset) {
    const inside = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const block = inside.closest(".block");
    if (!block) return null;
    const before = document.createRange();
    before.selectNodeContents(block);
    before.setEnd(node, offset);
    return [[...this.text.children].indexOf(block), Array.from(before.toString()).length];
  }

  block(pieces) {
    const block = element("div", { className: "block", dir: "auto" });
    block.append(...pieces.map((piece) => (typeof piece === "string" ? piece : this.mark(piece))));
    return block;
  }

  mark({ text, claims, support, label, title }) {
    const mark = element("mark", { textContent: text, title, tabIndex: -1 });
    mark.setAttribute("role", "button");
    mark.dataset.support = support;
    mark.dataset.claims = claims.join(" ");
    if (label) mark.dataset.label = label;
    if (claims.length > 1) mark.classList.add("several");
    this.claims.set(mark, claims);
    for (const claim of claims) {
      if (!this.marks.has(claim)) this.marks.set(claim, []);
      this.marks.get(claim).push(mark);
    }
    return mark;
  }

  activate(claim, label) {
    this.label = label;
    for (const mark of this.highlighted ?? []) highlight(mark, false);
    this.active = claim;
    this.nameButton();
    this.highlighted = this.marks.get(claim) ?? [];
    for (const mark of this.highlighted) highlight(mark, true);
    if (this.highlighted.length) this.reveal(this.highlighted[0]);
  }

  // First as little as possible, which also makes the browser lay the block out; then to the middle.
  reveal(mark) {
    mark.scrollIntoView({ block: "nearest" });
    requestAnimationFrame(() => {
      const inside = this.text.getBoundingClientRect();
      const place = mark.getBoundingClientRect();
      const margin = Math.min(inside.height / 4, 96);
      if (place.top >= inside.top + margin && place.bottom <= inside.bottom - margin) return;
      this.text.scrollTop += place.top - inside.top - (inside.height - place.height) / 2;
    });
  }

  choose(event) {
    const mark = event.target.closest("mark");
    if (!mark || !getSelection().isCollapsed) return; // selecting words is not picking them
    this.focus(mark);
    this.pick(this.claims.get(mark));
  }

  key(event) {
    const mark = event.target.closest("mark");
    if (!mark) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) this.focus(this.all[this.all.indexOf(mark) + step] ?? mark);
    else if (event.key === "Enter" || event.key === " ") this.pick(this.claims.get(mark));
    else if (event.key === "e" && this.markable === "claim" && this.active) this.useAll(mark);
    else return;
    event.preventDefault();
  }

  // One mark is in the tab order, so that hundreds of them do not stand in the way.
  focus(mark) {
    for (const other of this.all) if (other.tabIndex === 0) other.tabIndex = -1;
    mark.tabIndex = 0;
    mark.focus();
  }
}

// A selection inside a shadow root has to be asked for by that root.
function selectedRange(within) {
  const selection = getSelection();
  const root = within.getRootNode();
  const range = selection.getComposedRanges
    ? selection.getComposedRanges({ shadowRoots: [root] })[0]
    : selection.rangeCount && selection.getRangeAt(0);
  if (!range || range.collapsed) return null;
  const inside = within.contains(range.startContainer) && within.contains(range.endContainer);
  return inside ? range : null;
}

function highlight(mark, on) {
  mark.classList.toggle("active", on);
  if (on) mark.setAttribute("aria-current", "true");
  else mark.removeAttribute("aria-current");
}

function legend(kinds) {
  const list = element("ul", { className: "legend" });
  list.setAttribute("aria-label", "Kinds of marks");
  for (const { support, label } of kinds) {
    const sample = element("span", { className: "sample", textContent: label });
    sample.dataset.support = support;
    const item = element("li");
    item.append(sample);
    list.append(item);
  }
  list.append(element("li", { className: "unused", textContent: "not used" }));
  return list;
}

function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
