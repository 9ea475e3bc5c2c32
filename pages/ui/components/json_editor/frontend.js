// One JSON editor. It begins with buffer.js, which sends what is typed.

const TYPING_PAUSE_MS = 300; // vanilla-jsoneditor waits as long by itself before it reports
const REPORT_PAUSE_MS = 30;
const LONGEST_TREE = 100_000; // characters; drawing a tree of twice as many takes twenty seconds
const GIVE_UP_LOADING_MS = 20000;
const COLOURS_SET_MS = 250;
const HIDDEN_MENU_ITEMS = ["jse-compact", "jse-sort", "jse-transform", "jse-contextmenu"];

const editors = new WeakMap(); // root element → JsonBuffer
let library; // the script, once for the page
let mode = "text"; // the mode last chosen, for the next document as well

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".json-editor");
  const buffer = editors.get(root) ?? new JsonBuffer(root, data);
  editors.set(root, buffer);
  buffer.send = (doc) => setStateValue("doc", doc);
  buffer.update(data);
  return () => {
    editors.delete(root);
    buffer.close();
  };
}

class JsonBuffer extends Buffer {
  constructor(root, data) {
    super(root, data, "json");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", data.label);
    this.showLoading();
    loadLibrary(data.script)
      .then((script) => this.open((into) => new RichEditor(script, into, this)))
      .catch((error) => {
        console.warn("The JSON editor did not load; a plain text area takes its place.", error);
        this.open((into) => new PlainEditor(into, this));
      });
  }

  showLoading() {
    const note = document.createElement("p");
    note.className = "json-editor-note";
    note.setAttribute("role", "status");
    note.textContent = "Loading the editor…";
    this.root.replaceChildren(note);
  }

  open(create) {
    if (this.listening.signal.aborted) return;
    this.root.replaceChildren();
    this.editor = create(this.root);
    if (this.text !== this.sent) this.flush(); // typed while the server was away
  }

  update(data) {
    this.root.style.height = `${data.height}px`;
    this.look();
    setTimeout(() => this.look(), COLOURS_SET_MS); // Streamlit may set its colours after it calls
    this.root.classList.toggle("json-editor-read-only", data.readOnly);
    if (this.take(data)) this.editor?.replace(data.text);
    this.editor?.setReadOnly(data.readOnly);
  }

  look() {
    this.root.classList.toggle("json-editor-dark", isDark(this.root));
  }

  unreported() {
    return this.editor?.unreportedText();
  }

  close() {
    super.close();
    this.editor?.close();
  }
}

class RichEditor {
  constructor(script, into, buffer) {
    this.into = into;
    this.buffer = buffer;
    this.readOnly = buffer.data.readOnly;
    this.editor = script.createJSONEditor({
      target: into,
      props: {
        content: { text: buffer.text },
        mode: this.hasTree() ? mode : "text",
        readOnly: this.readOnly,
        ariaLabel: buffer.data.label,
        askToFormat: false,
        navigationBar: false,
        onChange: (content) => buffer.changed(textOf(content), REPORT_PAUSE_MS),
        onChangeMode: (chosen) => (mode = chosen),
        onRenderMenu: (items) =>
          items.filter(isShown).map((item) => labelled(item, this.hasTree())),
      },
    });
    requestAnimationFrame(() => {
      for (const part of into.querySelectorAll(".cm-scroller")) part.tabIndex = 0; // it scrolls
    });
  }

  hasTree() {
    return this.buffer.text.length <= LONGEST_TREE;
  }

  replace(text) {
    if (!this.hasTree()) this.editor.updateProps({ mode: "text" });
    this.editor.set({ text });
  }

  setReadOnly(readOnly) {
    if (readOnly === this.readOnly) return;
    this.readOnly = readOnly;
    this.editor.updateProps({ readOnly });
  }

  // In text mode the editor reports changes 300 ms late; CodeMirror itself knows them already.
  unreportedText() {
    const tile = this.into.querySelector(".jse-text-mode .cm-content")?.cmTile;
    return tile?.root?.view?.state.doc.toString();
  }

  close() {
    this.editor.destroy();
  }
}

class PlainEditor {
  constructor(into, buffer) {
    this.area = document.createElement("textarea");
    this.area.className = "json-editor-plain";
    this.area.setAttribute("aria-label", buffer.data.label);
    this.area.spellcheck = false;
    this.area.value = buffer.text;
    this.area.readOnly = buffer.data.readOnly;
    this.area.addEventListener("input", () => buffer.changed(this.area.value, TYPING_PAUSE_MS));
    const note = document.createElement("p");
    note.className = "json-editor-note";
    note.textContent = "The JSON editor could not be loaded, so this is a plain text field.";
    into.append(note, this.area);
  }

  replace(text) {
    this.area.value = text;
  }

  setReadOnly(readOnly) {
    this.area.readOnly = readOnly;
  }

  unreportedText() {
    return undefined;
  }

  close() {}
}

function loadLibrary(script) {
  library ??= Promise.race([
    import(new URL(script, document.baseURI).href),
    new Promise((_, refuse) => setTimeout(refuse, GIVE_UP_LOADING_MS, "time-out")),
  ]).catch((error) => {
    library = undefined; // the next editor on the page tries again
    throw error;
  });
  return library;
}

function textOf(content) {
  return content.text ?? JSON.stringify(content.json, null, 2) ?? "";
}

function isShown(item) {
  return item.text !== "table" && !HIDDEN_MENU_ITEMS.some((name) => item.className?.includes(name));
}

function labelled(item, hasTree) {
  if (item.text === "text") return { ...item, text: "Text", title: "Edit as text" };
  if (item.text !== "tree") return item;
  const className = `${item.className} jse-last`;
  const title = hasTree ? "Edit as a tree" : "This document is too long for a tree";
  return { ...item, text: "Tree", title, className, disabled: !hasTree };
}

function isDark(element) {
  const colour = getComputedStyle(element).getPropertyValue("--st-background-color");
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour.trim() || "#fff";
  const [red, green, blue] = canvas.fillStyle.match(/\w\w/g).map((part) => parseInt(part, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
