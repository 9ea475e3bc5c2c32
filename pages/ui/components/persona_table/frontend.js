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

function snippet(pieces) {
  const node = element("span", "summary snippet");
  for (const [text, hit] of pieces) node.append(hit ? element("mark", "", text) : text);
  return node;
}

function status(row) {
  return element("span", `status ${row.status}`, row.status.replace("_", " "));
}

function tick(row, chosen, choose) {
  const box = element("input");
  box.type = "checkbox";
  box.checked = chosen.has(row.id);
  box.setAttribute("aria-label", `Choose ${row.name || "No name"}`);
  box.onchange = () => choose([row.id], box.checked);
  return box;
}

function about(row) {
  const parts = [];
  if (row.role) parts.push(element("span", "role", row.role));
  if (row.snippet) parts.push(snippet(row.snippet));
  else if (row.summary) parts.push(element("span", "summary", row.summary));
  if (!parts.length) parts.push(element("span", "summary", "–"));
  for (const part of parts) part.dir = "auto";
  return parts;
}

function line(row, link, open, box) {
  const node = element("tr");
  if (box) node.append(cell("", box));
  const name = cell("Name", nameLink(row, link, open));
  if (row.status !== "draft") name.append(status(row));
  node.append(
    name,
    cell("Role and summary", ...about(row)),
    cell("Created", time(row.created_at)),
    cell("Updated", time(row.updated_at)),
  );
  node.onclick = (event) => {
    if (!event.target.closest("a, input, td:has(> input)") && !String(window.getSelection())) {
      open(row.id);
    }
  };
  return node;
}

function head(whole) {
  const row = element("tr");
  if (whole) {
    const node = element("td");
    node.append(whole);
    row.append(node);
  }
  for (const label of COLUMNS) {
    const node = element("th", "", label);
    node.scope = "col";
    row.append(node);
  }
  const node = element("thead");
  node.append(row);
  return node;
}

export default function ({ data, parentElement, setTriggerValue, setStateValue }) {
  const root = parentElement.querySelector(".personas");
  const signature = JSON.stringify(data);
  if (root.dataset.drawn === signature) return; // ticks stay as they are
  root.dataset.drawn = signature;
  const open = (id) => setTriggerValue("opened", id);
  const shown = new Set(data.rows.map((row) => row.id));
  const chosen = new Set([...(root.chosen ?? [])].filter((id) => shown.has(id)));
  root.chosen = chosen; // a row that came or went takes no other's tick
  const boxes = new Map();
  let whole = null;
  const refresh = () => {
    for (const [id, box] of boxes) box.checked = chosen.has(id);
    whole.checked = chosen.size === boxes.size;
    whole.indeterminate = chosen.size > 0 && !whole.checked;
  };
  const choose = (ids, on) => {
    for (const id of ids) on ? chosen.add(id) : chosen.delete(id);
    refresh();
    setStateValue("chosen", [...chosen]);
  };
  if (data.choosable) {
    whole = element("input");
    whole.type = "checkbox";
    whole.setAttribute("aria-label", "Choose all on this page");
    whole.onchange = () => choose([...boxes.keys()], whole.checked);
    for (const row of data.rows) boxes.set(row.id, tick(row, chosen, choose));
  }
  if (chosen.size) refresh();
  const body = element("tbody");
  for (const row of data.rows) body.append(line(row, data.link, open, boxes.get(row.id)));
  const table = element("table", data.choosable ? "choosable" : "");
  table.append(element("caption", "hidden", "Personas"), head(whole), body);
  root.replaceChildren(table);
}
