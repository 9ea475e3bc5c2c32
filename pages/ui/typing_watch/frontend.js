// Sends {text} as the trigger "typed": after a pause in the typing, and when the page goes away.
// A text area that loses the focus reports by itself, so nothing is sent then.

const CHARACTERS_PER_MS = 2000; // a megabyte is not sent as often as a sentence
const watchers = new WeakMap(); // mount → Watcher

export default function ({ data, parentElement, setTriggerValue }) {
  let watcher = watchers.get(parentElement);
  if (!watcher) watchers.set(parentElement, (watcher = new Watcher()));
  const isNewHere = watcher.data?.session !== data.session;
  watcher.data = data;
  watcher.report = (text) => setTriggerValue("typed", { text });
  // Who types at once was faster than this script, and what was typed while the server was away
  // never got there.
  if (isNewHere) watcher.typed(document.activeElement);
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
    document.addEventListener("focusout", ({ target }) => this.left(target), until);
    document.addEventListener("visibilitychange", () => document.hidden && this.send(), until);
    window.addEventListener("pagehide", () => this.send(), until);
  }

  isOurs(node) {
    return (
      node instanceof HTMLTextAreaElement && node.getAttribute("aria-label") === this.data.label
    );
  }

  typed(node) {
    if (!this.isOurs(node)) return;
    this.pending = node.value;
    clearTimeout(this.timer);
    const pause = this.data.pause + this.pending.length / CHARACTERS_PER_MS;
    this.timer = setTimeout(() => this.send(), pause);
  }

  left(node) {
    if (!this.isOurs(node)) return;
    clearTimeout(this.timer);
    this.pending = undefined;
  }

  send() {
    clearTimeout(this.timer);
    if (this.pending === undefined) return;
    this.report(this.pending);
    this.pending = undefined;
  }

  close() {
    clearTimeout(this.timer);
    this.listening.abort();
  }
}
