/* Hostile text becomes text nodes and nothing else: no markup is ever parsed. */

const MARK = 1;
const SECRET = 2;

function el(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function secret(text) {
  return el("details", "secret", el("summary", "", `masked, ${text.length} characters`), text);
}

/* Segments as the report writes them: plain strings, or [kind, text]. */
function segments(parts) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    const [kind, text] = part;
    if (kind === MARK) return el("mark", "", text);
    return kind === SECRET ? secret(text) : el("span", "chip", text);
  });
}

function said(parts, extra) {
  const element = el("div", extra ? `said ${extra}` : "said", ...segments(parts));
  element.dir = "auto";
  return element;
}

function milliseconds(value) {
  return value < 10000 ? `${Math.round(value)}\u202fms` : `${(value / 1000).toFixed(1)}\u202fs`;
}

function spoken(name) {
  return String(name).replaceAll("_", " ");
}
