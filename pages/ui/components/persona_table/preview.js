import { element, nameLink } from "./cells.js";

// What a persona holds, beside the list.

function sourceLine(row) {
  if (row.coverage === null) return "No claims yet";
  if (row.coverage === 100) return "All claims have words in the text";
  return `${row.coverage} % of the claims have words in the text`;
}

function previewedClaims({ fields, more }) {
  const list = element("dl", "claims");
  for (const [field, values] of fields) {
    list.append(element("dt", "", field));
    for (const [value, told] of values) {
      const node = element("dd", told ? "partly" : "", value);
      node.dir = "auto";
      if (told) node.append(element("span", "quiet", ` – ${told}`));
      list.append(node);
    }
  }
  return more ? [list, element("p", "quiet", `and ${more} more claims`)] : [list];
}

// `claims` come a moment later than the row.
export function previewOf(row, claims, link) {
  const anchor = nameLink(row, link);
  anchor.textContent = "Open";
  anchor.className = "open";
  anchor.setAttribute("aria-label", `Open ${row.name || "No name"}`);
  const top = element("p", "top");
  top.append(element("span", `status ${row.status}`, row.status_label), anchor);
  const parts = [element("h2", "", row.name || "No name"), top];
  for (const [name, text] of [
    ["role", row.role],
    ["about", row.summary || row.beginning],
  ]) {
    if (text) parts.push(element("p", name, text));
  }
  parts.push(element("p", "quiet", sourceLine(row)));
  if (claims) parts.push(...previewedClaims(claims));
  for (const part of parts) part.dir = "auto";
  return parts;
}
