const STAYS_MS = 12_000;

let shown = 0; // number of the newest notice, whichever part of the page tells of it
let current = null; // the notice that can be seen

class Notice {
  constructor(place, { text, number, warning, undo }, report) {
    this.place = place;
    this.bar = document.createElement("div");
    this.bar.className = warning ? "bar warning" : "bar";
    this.bar.dataset.testid = "notice";
    const told = document.createElement("span");
    told.textContent = text;
    this.bar.append(told);
    if (undo) this.button("Undo (z)", "undo", () => report(number));
    this.button("✕", "close").setAttribute("aria-label", "Close");
    this.undoes = undo;
    place.replaceChildren(this.bar);
    this.bar.onmouseenter = this.bar.onfocusin = () => clearTimeout(this.timer);
    this.bar.onmouseleave = this.bar.onfocusout = () => this.wait();
    this.wait();
  }

  button(label, className, act = () => {}) {
    const node = document.createElement("button");
    node.type = "button";
    node.className = className;
    node.textContent = label;
    node.onclick = () => {
      this.close();
      act();
    };
    this.bar.append(node);
    return node;
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.close(), STAYS_MS);
  }

  close() {
    clearTimeout(this.timer);
    this.place.replaceChildren();
    if (current === this) current = null;
  }
}

document.addEventListener("keydown", (event) => {
  const at = event.composedPath()[0];
  const types = at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
  if (event.key !== "z" || event.altKey || (types && at.type !== "checkbox")) return;
  if (!current?.undoes || !current.place.isConnected) return;
  event.preventDefault();
  current.bar.querySelector(".undo").click();
});

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".place");
  if (data.number <= shown) return;
  shown = data.number;
  current?.close();
  if (data.text) current = new Notice(place, data, (number) => setTriggerValue("undo", number));
}
