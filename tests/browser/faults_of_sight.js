// What cannot be seen of a page, one line each: what is cut or off the window, a focus that does not
// show, a choice that is told by a background alone (in forced colours), and what still moves.
() => {
  const everything = (root) =>
    [...root.querySelectorAll("*")].flatMap((node) => [
      node,
      ...(node.shadowRoot ? everything(node.shadowRoot) : []),
    ]);
  const parentOf = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const ancestors = (node) => {
    const parent = parentOf(node);
    return parent ? [parent, ...ancestors(parent)] : [];
  };
  const name = (node) =>
    `${node.tagName} ${(node.getAttribute("aria-label") || node.textContent || "").trim().slice(0, 50)}`;
  const style = (node) => getComputedStyle(node);
  const shown = everything(document.body).filter(
    (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length,
  );
  const holdsText = (node) =>
    [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const hides = (node) => /hidden|clip/.test(style(node).overflowX + style(node).overflowY);
  const forEars = (node) => node.getBoundingClientRect().width < 3;
  // An ellipsis says that there is more; what scrolls can be reached.
  const isMeant = (node) =>
    style(node).textOverflow === "ellipsis" ||
    /\d/.test(style(node).webkitLineClamp) ||
    (/auto|scroll/.test(style(node).overflowX) && node.scrollWidth > node.clientWidth) ||
    (hides(node) && forEars(node));
  const faults = [];

  for (const node of shown.filter((one) => holdsText(one) && one.tagName !== "TEXTAREA")) {
    const around = [node, ...ancestors(node)];
    if (around.some(isMeant)) continue;
    const box = node.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) faults.push(`off the window: ${name(node)}`);
    const cut = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 2;
    if (hides(node) && cut) faults.push(`cut: ${name(node)}`);
  }

  const look = (node) => {
    const { outlineStyle, outlineWidth, borderColor, borderWidth, textDecorationLine } = style(node);
    return [outlineStyle, outlineWidth, borderColor, borderWidth, textDecorationLine].join();
  };
  const lookAround = (node) => [node, ...ancestors(node).slice(0, 4)].map(look).join(";");
  const can = "a[href], button:not(:disabled), input:not(:disabled), textarea, summary, [tabindex='0']";
  for (const node of shown.filter((one) => one.matches(can) && one.tabIndex >= 0).slice(0, 80)) {
    document.activeElement?.blur();
    const before = lookAround(node);
    node.focus({ preventScroll: true, focusVisible: true });
    if (node.matches(":focus") && lookAround(node) === before) {
      faults.push(`its focus does not show: ${name(node)}`);
    }
  }

  const told = (node) => {
    const { color, fontWeight, borderColor, forcedColorAdjust } = style(node);
    return [color, fontWeight, borderColor, forcedColorAdjust].join();
  };
  for (const node of shown.filter((one) => one.matches("button[aria-checked='true']"))) {
    const others = [...node.parentElement.children].filter((one) => one.ariaChecked === "false");
    if (others.some((one) => told(one) === told(node))) faults.push(`as if not chosen: ${name(node)}`);
  }

  for (const animation of document.getAnimations()) {
    const { duration, iterations } = animation.effect.getComputedTiming();
    if (duration > 10 || iterations > 1) faults.push(`it moves: ${name(animation.effect.target)}`);
  }
  return [...new Set(faults)];
};
