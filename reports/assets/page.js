/* Joins list, filters, keys and address. Without this the page still reads from top to bottom. */

const byId = (id) => document.getElementById(id);

function fill(select, table, counts) {
  select.append(new Option("all", ""));
  table.forEach(([value, title], code) => {
    if (counts.get(code)) select.append(new Option(`${title} (${counts.get(code)})`, value));
  });
  if (select.options.length < 2) select.parentElement.hidden = true;
}

function countsOf(data, name) {
  const counts = new Map();
  const count = (code) => counts.set(code, (counts.get(code) || 0) + 1);
  if (name === "criterion") data.criteria.forEach((codes) => codes.forEach(count));
  else data[name].forEach(count);
  return counts;
}

function typing(target) {
  return target instanceof Element && target.matches("input:not([type=checkbox]), select, textarea");
}

class Page {
  constructor(data) {
    this.data = data;
    this.state = Object.fromEntries(FIELDS.map((name) => [name, ""]));
    this.list = new List(data, byId("list"), byId("spacer"), (row) => this.open(row));
    this.detail = new Detail(data, byId("dialog"), () => this.closed());
    this.form = byId("filters");
    for (const name of TABLES) fill(this.form.elements[name], data.tables[name], countsOf(data, name));
    this.rowOf = new Map(data.order.map((row) => [rowKey(data, row), row]));
  }

  start() {
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    byId("clear").addEventListener("click", () => {
      this.form.reset();
      this.changed();
      this.form.elements.q.focus();
    });
    byId("previous").addEventListener("click", () => this.step(-1));
    byId("next").addEventListener("click", () => this.step(1));
    byId("close").addEventListener("click", () => this.detail.dialog.close());
    addEventListener("hashchange", () => this.follow());
    addEventListener("keydown", (event) => this.key(event));
    this.apply();
    this.follow();
  }

  /* The address asks for something: show it. */
  follow() {
    const asked = readState();
    if (!asked) return;
    this.state = asked;
    for (const name of ["q", ...TABLES]) this.form.elements[name].value = asked[name];
    this.apply();
    const row = this.rowOf.get(asked.open);
    if (row === undefined) byId("prompts").scrollIntoView();
    else this.open(row);
  }

  changed() {
    for (const name of ["q", ...TABLES]) this.state[name] = this.form.elements[name].value;
    this.apply();
    writeState(this.state);
  }

  apply() {
    const rows = matching(this.data, this.state);
    this.list.show(rows);
    const all = this.data.count.toLocaleString("en");
    byId("count").textContent = `${rows.length.toLocaleString("en")} of ${all} conversations`;
  }

  open(row) {
    const place = this.list.rows.indexOf(row);
    if (place >= 0) this.list.move(place);
    this.state.open = rowKey(this.data, row);
    writeState(this.state);
    this.detail.open(row);
  }

  closed() {
    this.state.open = "";
    writeState(this.state);
    this.list.container.focus({ preventScroll: true });
  }

  step(by) {
    this.list.move(this.list.active + by);
    if (this.detail.row !== null && this.list.current !== null) this.open(this.list.current);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const inList = event.target === this.list.container;
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    const single = byId("keys").checked ? { j: 1, k: -1 } : {};
    const by = single[event.key] ?? (inList ? moves[event.key] : undefined);
    if (by !== undefined) this.step(by);
    else if (event.key === "Enter" && inList && this.list.current !== null) this.open(this.list.current);
    else if (event.key === "/" && byId("keys").checked && this.detail.row === null) this.form.elements.q.focus();
    else return;
    event.preventDefault();
  }
}

async function main() {
  const data = await loadRows();
  document.documentElement.classList.add("js");
  const page = new Page(data);
  page.start();
}

main();
