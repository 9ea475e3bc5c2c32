// Every value goes in by textContent: what people pasted is never read as HTML.
const COLUMNS = ["Name", "Role and summary", "Created", "Updated"];

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function time(iso) {
  const node = element("time", "time");
  const at = new Date(iso);
  node.dateTime = iso;
  node.title = at.toLocaleString();
  node.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return node;
}

function nameLink(row, link, open) {
  const anchor = element("a", row.name ? "name" : "name unnamed", row.name || "No name");
  anchor.href = `${link}?id=${encodeURIComponent(row.id)}`;
  anchor.dir = "auto";
  anchor.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab
    event.preventDefault();
    open(row.id);
  };
  return anchor;
}

function cell(label, ...children) {
  const node = element("td");
  node.dataset.label = label;
  node.append(...children);
  return node;
}

function about(row) {
  const parts = [];
  if (row.role) parts.push(element("span", "role", row.role));
  if (row.summary) parts.push(element("span", "summary", row.summary));
  if (!parts.length) parts.push(element("span", "summary", "–"));
  for (const part of parts) part.dir = "auto";
  return parts;
}

function line(row, link, open) {
  const node = element("tr");
  node.append(
    cell(COLUMNS[0], nameLink(row, link, open)),
    cell(COLUMNS[1], ...about(row)),
    cell(COLUMNS[2], time(row.created_at)),
    cell(COLUMNS[3], time(row.updated_at)),
  );
  node.onclick = (event) => {
    if (!event.target.closest("a") && !String(window.getSelection())) open(row.id);
  };
  return node;
}

function head() {
  const row = element("tr");
  for (const label of COLUMNS) {
    const node = element("th", "", label);
    node.scope = "col";
    row.append(node);
  }
  const node = element("thead");
  node.append(row);
  return node;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const open = (id) => setTriggerValue("opened", id);
  const body = element("tbody");
  for (const row of data.rows) body.append(line(row, data.link, open));
  const table = element("table");
  table.append(element("caption", "hidden", "Personas"), head(), body);
  parentElement.querySelector(".personas").replaceChildren(table);
}
