// Values of people go in by textContent only.

const KEYS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

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

function item(row, act) {
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
  choose.onclick = () => act("choose", row.path);
  node.append(choose);
  if (!row.accepted && row.support !== "none") {
    node.append(button("✓", `Accept: ${row.value}`, () => act("accept", row.path)));
  }
  node.append(button("✕", `Take out: ${row.value}`, () => act("take_out", row.path)));
  return node;
}

function group(field, rows, act) {
  const node = element("section");
  const list = element("ul");
  list.append(...rows.map((row) => item(row, act)));
  node.append(element("h3", "", field), list);
  return node;
}

function groups(rows) {
  const found = new Map();
  for (const row of rows) found.set(row.field, [...(found.get(row.field) ?? []), row]);
  return found;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".claims");
  const scrolled = root.scrollTop;
  const focused = root.contains(root.getRootNode().activeElement);
  const act = (kind, path) => setTriggerValue("acted", { kind, path });
  root.style.setProperty("--height", `${data.height}px`);
  root.replaceChildren(...[...groups(data.rows)].map(([field, rows]) => group(field, rows, act)));
  root.scrollTop = scrolled;

  const items = [...root.querySelectorAll(".claim")];
  const current = items.findIndex((node) => node.dataset.path === data.active);
  items.forEach((node, index) => node.classList.toggle("active", index === current));
  const entry = items[Math.max(current, 0)]?.querySelector(".choose");
  if (entry) entry.tabIndex = 0; // one stop in the tab order; the keys below do the rest
  if (current >= 0) {
    items[current].querySelector(".choose").setAttribute("aria-current", "true");
    items[current].scrollIntoView({ block: "nearest" });
    for (const node of items[current].querySelectorAll(".act")) node.tabIndex = 0;
  }
  const arrives = data.takeFocus && !root.dataset.arrived && document.activeElement === document.body;
  root.dataset.arrived = "yes";
  if (focused || arrives) entry?.focus({ preventScroll: true });

  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = KEYS[event.key];
    const path = items[Math.max(current, 0)]?.dataset.path; // the one that has the focus
    if (step) {
      const next = items[Math.min(Math.max(current + step, 0), items.length - 1)];
      if (next) act("choose", next.dataset.path);
    } else if (event.key === "a" && path) act("accept", path);
    else if (event.key === "r" && path) act("take_out", path);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
