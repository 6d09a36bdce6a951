/* Filters, search and the open conversation live in the address, so that a link shows what its sender saw. */

const FIELDS = ["q", ...TABLES, "open"];

function readState() {
  const hash = location.hash.slice(1);
  if (!hash.includes("=")) return null;
  const given = new URLSearchParams(hash);
  return Object.fromEntries(FIELDS.map((name) => [name, given.get(name) || ""]));
}

let pending = 0;

function writeState(state) {
  clearTimeout(pending);
  pending = setTimeout(() => {
    const set = new URLSearchParams(FIELDS.filter((name) => state[name]).map((name) => [name, state[name]]));
    history.replaceState(null, "", `#${set.size ? set : "prompts"}`);
  }, 150);
}

/* Rows that the filters leave, in order. */
function matching(data, state) {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const code = {};
  for (const name of TABLES) {
    code[name] = state[name] ? data.tables[name].findIndex(([value]) => value === state[name]) : null;
  }
  const column = (name, row) => code[name] === null || data[name][row] === code[name];
  return data.order.filter(
    (row) =>
      column("status", row) &&
      column("cause", row) &&
      column("persona", row) &&
      column("strategy", row) &&
      column("outcome", row) &&
      (code.criterion === null || data.criteria[row].includes(code.criterion)) &&
      words.every((word) => data.haystack[row].includes(word)),
  );
}
