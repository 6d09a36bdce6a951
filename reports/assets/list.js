/* A list of any length: only the rows in sight exist. */

const AHEAD = 12;
const SYMBOL = { failed: "✕", ungraded: "?", infrastructure: "!", unjudged: "–", passed: "✓" };

class List {
  constructor(data, container, spacer, onOpen) {
    Object.assign(this, { data, container, spacer, onOpen, rows: [], active: -1 });
    this.narrow = matchMedia("(max-width: 44rem)");
    this.narrow.addEventListener("change", () => this.draw());
    container.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(container);
  }

  get rowHeight() {
    return this.narrow.matches ? 92 : 60;
  }

  show(rows) {
    this.rows = rows;
    this.active = -1;
    this.container.scrollTop = 0;
    this.draw();
  }

  draw() {
    const height = this.rowHeight;
    this.spacer.style.height = `${this.rows.length * height}px`;
    const first = Math.max(0, Math.floor(this.container.scrollTop / height) - AHEAD);
    const last = Math.min(this.rows.length, first + Math.ceil(this.container.clientHeight / height) + 2 * AHEAD);
    const drawn = [];
    for (let place = first; place < last; place += 1) drawn.push(this.row(place, height));
    if (!this.rows.length) drawn.push(el("p", "empty", "Nothing matches. Clear a filter or search for fewer words."));
    this.spacer.replaceChildren(...drawn);
    if (this.active >= first && this.active < last) this.container.setAttribute("aria-activedescendant", "active-row");
    else this.container.removeAttribute("aria-activedescendant");
  }

  row(place, height) {
    const { data } = this;
    const row = this.rows[place];
    const [status, statusName] = data.tables.status[data.status[row]];
    const element = el("div", `row ${status}`, ...this.cells(row, status, statusName));
    element.setAttribute("role", "option");
    element.setAttribute("aria-selected", String(place === this.active));
    element.setAttribute("aria-setsize", String(this.rows.length));
    element.setAttribute("aria-posinset", String(place + 1));
    if (place === this.active) element.id = "active-row";
    element.style.transform = `translateY(${place * height}px)`;
    element.style.height = `${height}px`;
    element.addEventListener("click", () => {
      this.move(place);
      this.onOpen(row);
    });
    return element;
  }

  cells(row, status, statusName) {
    const { data } = this;
    const name = (table, column) => data.tables[table][data[column || table][row]][1];
    const symbol = el("span", "symbol", SYMBOL[status]);
    symbol.title = statusName;
    const question = el("span", "question", data.questions[row] || "(blank)");
    question.dir = "auto";
    const what = data.criteria[row].map((code) => data.tables.criterion[code][1]).join(", ");
    const why = what || (status === "passed" ? "" : `${statusName}: ${name("outcome")}`);
    const repeat = data.counted[row] ? "" : `${name("arm")} arm, attempt ${data.attempt[row]}`;
    const turns = data.turns[row] > 1 ? `${data.turns[row]} turns` : "";
    const meta = [name("persona"), name("strategy"), turns, repeat, data.again[row]].filter(Boolean).join(" · ");
    const latency = data.latency[row] < 0 ? "" : milliseconds(data.latency[row]);
    return [
      symbol,
      el("span", "what", question, el("span", "meta", meta)),
      el("span", "why", why),
      el("span", "latency", latency),
    ];
  }

  move(place) {
    if (!this.rows.length) return;
    this.active = Math.max(0, Math.min(this.rows.length - 1, place));
    const height = this.rowHeight;
    const top = this.active * height;
    const { scrollTop, clientHeight } = this.container;
    if (top < scrollTop) this.container.scrollTop = top;
    else if (top + height > scrollTop + clientHeight) this.container.scrollTop = top + height - clientHeight;
    this.draw();
  }

  get current() {
    return this.active < 0 ? null : this.rows[this.active];
  }
}
