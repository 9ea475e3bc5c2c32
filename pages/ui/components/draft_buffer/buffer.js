// What is typed into an editor, on its way to the server: {text, token, resumed} as the state "doc",
// a while after the last change, and at once when the focus or the pointer leaves, so that a click
// on Save never takes an older text.
// `token` names the document in the buffer; only a new token replaces what is being typed.
// Editors begin with this file; `kind` tells several editors of one document apart.

// key of the document → {kind, token, text}: outlives a server that restarts, and this module with it
window.personaTyped ??= new Map();

export class Buffer {
  constructor(root, data, kind) {
    this.root = root;
    this.data = data;
    this.kind = kind;
    this.sent = data.text;
    this.token = data.token;
    const known = window.personaTyped.get(data.key);
    const ours = known?.token === data.token && known.kind === kind;
    this.text = ours ? known.text : data.text;
    this.resumed = this.text !== data.text; // typed before this editor was drawn
    this.focused = false;
    this.listening = new AbortController();
    this.listen();
  }

  // Whether the editor is to show another text.
  take(data) {
    this.data = data;
    if (this.token === data.token) return false;
    clearTimeout(this.timer);
    this.token = data.token;
    this.text = this.sent = data.text;
    this.resumed = false;
    window.personaTyped.delete(data.key);
    return true;
  }

  listen() {
    const until = { capture: true, signal: this.listening.signal };
    const within = (node) => node instanceof Node && this.root.contains(node);
    document.addEventListener(
      "pointerdown",
      (e) => within(e.composedPath()[0]) || this.leave(),
      until,
    );
    document.addEventListener("keydown", (e) => (e.ctrlKey || e.metaKey) && this.flush(), until);
    document.addEventListener("visibilitychange", () => this.flush(), until);
    this.root.addEventListener("focusin", () => (this.focused = true), until);
    this.root.addEventListener("focusout", (e) => within(e.relatedTarget) || this.leave(), until);
  }

  // An editor may report a last change after the focus has gone: that goes out at once too.
  changed(text, pause) {
    this.text = text;
    clearTimeout(this.timer);
    if (this.focused) this.timer = setTimeout(() => this.flush(), pause);
    else this.flush();
  }

  leave() {
    this.focused = false;
    this.flush();
  }

  unreported() {
    return undefined;
  }

  flush() {
    clearTimeout(this.timer);
    this.text = this.unreported() ?? this.text;
    if (this.text === this.sent || this.data.readOnly) return;
    this.sent = this.text;
    window.personaTyped.set(this.data.key, {
      kind: this.kind,
      token: this.token,
      text: this.text,
    });
    this.send({ text: this.text, token: this.token, resumed: this.resumed });
  }

  close() {
    clearTimeout(this.timer);
    this.listening.abort();
  }
}
