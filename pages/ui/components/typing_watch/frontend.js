// Sends {text} as the trigger "typed": after a pause in the typing, and when the page goes away.
// A text area that loses the focus reports by itself, to the whole page. Nothing is sent then: both
// would arrive as one, and only the fragment of this watch would run.
// While the server is away, Streamlit lets nobody type.

const CHARACTERS_PER_MS = 2000; // a megabyte is not sent as often as a sentence
const watchers = new WeakMap(); // mount → Watcher

export default function ({ data, parentElement, setTriggerValue }) {
  const isNew = !watchers.has(parentElement);
  const watcher = watchers.get(parentElement) ?? new Watcher();
  watchers.set(parentElement, watcher);
  watcher.data = data;
  watcher.report = (text) => setTriggerValue("typed", { text });
  // Who types at once was faster than this script.
  if (isNew) watcher.typed(document.activeElement);
  return () => {
    watchers.delete(parentElement);
    watcher.close();
  };
}

class Watcher {
  constructor() {
    this.listening = new AbortController();
    const until = { capture: true, signal: this.listening.signal };
    document.addEventListener("input", ({ target }) => this.typed(target), until);
    document.addEventListener(
      "focusout",
      ({ target }) => this.isOurs(target) && this.drop(),
      until,
    );
    document.addEventListener("visibilitychange", () => document.hidden && this.send(), until);
    window.addEventListener("pagehide", () => this.send(), until);
  }

  isOurs = (node) =>
    node instanceof HTMLTextAreaElement && node.getAttribute("aria-label") === this.data.label;

  typed(node) {
    if (!this.isOurs(node)) return;
    this.pending = node.value;
    clearTimeout(this.timer);
    const pause = this.data.pause + this.pending.length / CHARACTERS_PER_MS;
    this.timer = setTimeout(() => this.send(), pause);
  }

  send() {
    clearTimeout(this.timer);
    if (this.pending === undefined) return;
    this.report(this.pending);
    this.pending = undefined;
  }

  drop() {
    clearTimeout(this.timer);
    this.pending = undefined;
  }

  close() {
    clearTimeout(this.timer);
    this.listening.abort();
  }
}
