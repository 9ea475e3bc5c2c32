export default function ({ data, parentElement }) {
  const link = parentElement.querySelector("a");
  link.textContent = data.label;
  link.href = data.address;
  link.classList.toggle("primary", data.primary);
}
