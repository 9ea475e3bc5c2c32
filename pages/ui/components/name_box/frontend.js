const YEAR_SECONDS = 365 * 24 * 3600;

function element(tag, text) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  return node;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const form = parentElement.querySelector(".name");
  if (form.childElementCount) return;
  const label = element("label", "Your name, for what you change:");
  const box = element("input");
  box.maxLength = data.most;
  box.autocomplete = "name";
  label.append(box);
  const save = element("button", "Save");
  const later = element("button", "Not now");
  later.type = "button";
  const answer = (name) => {
    const value = encodeURIComponent(name || "-");
    // biome-ignore lint/suspicious/noDocumentCookie: not every browser has the Cookie Store
    document.cookie = `${data.cookie}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
    setTriggerValue("named", name);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (box.value.trim()) answer(box.value.trim());
    else box.focus();
  };
  later.onclick = () => answer("");
  form.append(label, save, later);
}
