// What is typed goes into the address once the typing pauses: the first time as a new entry of the
// history, then in its place, until the box is left. Streamlit follows the address as it follows
// Back. The box takes over another text only if it is that of the address and nobody is typing.

const LIST = "persona-list-wanted"; // heard by the list: go into what is found for this text

// The search finds words by their beginning from three letters on: fewer are rarely meant as they are.
const BEGUN = /(^|\s)[("-]*\p{Script=Latin}{1,2}$/u;

function textOfAddress() {
  return new URLSearchParams(location.search).get("q") ?? "";
}

function addressFor(text) {
  const url = new URL(location.href);
  if (text) url.searchParams.set("q", text);
  else url.searchParams.delete("q");
  url.searchParams.delete("at");
  return url.href;
}

class SearchBox {
  constructor(root) {
    this.input = root.querySelector("input");
    this.clearing = root.querySelector("button");
    this.listening = new AbortController();
    const until = { signal: this.listening.signal };
    this.input.addEventListener("input", (event) => this.typed(event.isComposing), until);
    this.input.addEventListener("compositionend", () => this.typed(false), until);
    this.input.addEventListener("keydown", (event) => this.key(event), until);
    this.input.addEventListener("blur", () => this.left(), until);
    this.clearing.addEventListener("mousedown", (event) => event.preventDefault(), until);
    this.clearing.addEventListener("click", () => this.clear(), until);
    document.addEventListener("keydown", (event) => this.slash(event), until);
    window.addEventListener("popstate", (event) => event.isTrusted && this.follow(), until);
  }

  draw({ text, pause }) {
    this.pause = pause;
    // Another text than that of the address comes of a run that began before the last keystroke.
    if (text === textOfAddress() && !this.timer && !this.composing) this.fill(text);
  }

  fill(text) {
    if (this.input.value.trim() !== text.trim()) this.input.value = text;
    this.clearing.hidden = !this.input.value;
  }

  typed(composing) {
    this.composing = composing;
    this.clearing.hidden = !this.input.value;
    this.want(null);
    clearTimeout(this.timer);
    const pause = BEGUN.test(this.input.value) ? this.pause * 3 : this.pause;
    if (!composing) this.timer = setTimeout(() => this.search(), pause);
  }

  search() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.input.value.trim();
    if (text === textOfAddress()) return;
    const address = addressFor(text);
    const goesOn = this.entry === location.href;
    if (goesOn && address === this.before) {
      this.entry = undefined;
      history.back(); // to the same, without an entry of its own
      return;
    }
    if (!goesOn) this.before = location.href;
    history[goesOn ? "replaceState" : "pushState"]({}, "", address);
    this.entry = location.href;
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  }

  follow() {
    clearTimeout(this.timer);
    this.timer = this.entry = undefined;
    this.fill(textOfAddress());
  }

  left() {
    if (this.timer) this.search();
    this.entry = undefined;
  }

  clear() {
    this.input.value = "";
    this.typed(false);
    this.search();
    this.input.focus();
  }

  want(text) {
    document.dispatchEvent(new CustomEvent(LIST, { detail: text }));
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && this.input.value) this.clear();
    else if (event.key === "Enter" || event.key === "ArrowDown") {
      this.search();
      this.want(this.input.value.trim());
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  slash(event) {
    const at = event.composedPath()[0];
    const types = at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((types && at.type !== "checkbox") || document.querySelector("[role=dialog]")) return;
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }
}

const boxes = new WeakMap(); // element → SearchBox

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".search");
  if (!boxes.has(root)) boxes.set(root, new SearchBox(root));
  const box = boxes.get(root);
  box.draw(data);
  return () => {
    boxes.delete(root);
    clearTimeout(box.timer);
    box.listening.abort();
  };
}
