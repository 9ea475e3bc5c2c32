// What a row of the list is made of.
// Every value goes in by textContent: what people pasted is never read as HTML.

export const COLUMNS = {
  about: "Role and summary",
  status: "Status",
  sources: "Sources",
  author: "Changed by",
  created: "Created",
  updated: "Changed",
};
const DAY = 86_400_000;

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// Written as pages/ui/clock.py writes times.
function timeInWords(at, now = new Date()) {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (now - at < DAY) return `${Math.floor(minutes / 60)} h ago`;
  return absolute(at);
}

function absolute(at) {
  const options = { day: "numeric", month: "short", year: "numeric" };
  const day = at.toLocaleDateString("en-GB", options).replace("Sept", "Sep");
  return `${day}, ${at.toLocaleTimeString("en-GB", { timeStyle: "short" })}`;
}

function time(iso) {
  const node = element("time", "time", timeInWords(new Date(iso)));
  node.dateTime = iso;
  node.title = absolute(new Date(iso));
  return node;
}

export function open(anchor) {
  history.pushState({}, "", anchor.href);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

export function nameLink(row, link) {
  const anchor = element("a", row.name ? "name" : "name unnamed", row.name || "No name");
  anchor.href = `${link.page}?id=${encodeURIComponent(row.id)}${link.from}`;
  anchor.dir = "auto";
  anchor.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab
    event.preventDefault();
    open(anchor);
  };
  return anchor;
}

function snippet(pieces) {
  const node = element("span", "summary snippet");
  for (const [text, hit] of pieces) node.append(hit ? element("mark", "", text) : text);
  return node;
}

function about(row) {
  const parts = [];
  if (row.role) parts.push(element("span", "role", row.role));
  if (row.snippet) parts.push(snippet(row.snippet));
  else if (row.summary) parts.push(element("span", "summary", row.summary));
  else if (row.beginning) parts.push(element("span", "summary beginning", row.beginning));
  if (!parts.length) parts.push(element("span", "summary", "–"));
  for (const part of parts) part.dir = "auto";
  return parts;
}

function sources(row) {
  if (row.coverage === null) return element("span", "quiet", "no claims");
  const node = element("span", row.coverage < 100 ? "share partly" : "share", `${row.coverage} %`);
  node.title = `${row.coverage} % of the claims have words in the text`;
  return node;
}

export const CELLS = {
  about,
  status: (row) => [element("span", `status ${row.status}`, row.status_label)],
  sources: (row) => [sources(row)],
  author: (row) => [element("span", "quiet author", row.updated_by || "–")],
  created: (row) => [time(row.created_at)],
  updated: (row) => [time(row.updated_at)],
};

export function cell(name, children) {
  const node = element("td", name);
  if (COLUMNS[name]) node.dataset.label = COLUMNS[name];
  node.append(...children);
  return node;
}

export function tick(label, onchange) {
  const box = element("input");
  box.type = "checkbox";
  box.setAttribute("aria-label", label);
  box.onchange = onchange;
  return box;
}
