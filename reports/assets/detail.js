/* One conversation in full. */

function criterionView(data, criterion) {
  const known = data.tables.criterion.find(([name]) => name === criterion.name);
  const failed = criterion.passed === false;
  const state = failed ? "fail" : criterion.passed ? "pass" : "inconclusive";
  const label = failed ? `✕ ${known ? known[1] : spoken(criterion.name)}` : `${criterion.passed ? "✓" : "?"} ${spoken(criterion.name)}`;
  const score = typeof criterion.score === "number" ? `, score ${criterion.score.toFixed(2)}` : "";
  const view = el("li", "objection", el("span", `tag ${state}`, label), " ");
  const reason = el("span", "", ...segments(criterion.reason));
  reason.dir = "auto";
  view.append(reason, el("small", "", ` ${criterion.judged_by}${score}`));
  for (const evidence of failed ? criterion.evidence : []) view.append(said(evidence, "evidence"));
  return view;
}

function turnFacts(turn) {
  const times = [
    ["latency", turn.latency_ms],
    ["service", turn.service_ms],
    ["first token", turn.ttft_ms],
  ];
  const facts = [spoken(turn.outcome)];
  if (turn.status !== undefined) facts.push(`HTTP ${turn.status}`);
  if (turn.finish_reason !== undefined) facts.push(`finish ${spoken(turn.finish_reason)}`);
  for (const [name, value] of times) if (typeof value === "number") facts.push(`${name} ${milliseconds(value)}`);
  return facts.join(" · ");
}

function answerView(turn) {
  if (turn.answer !== null) return said(turn.answer);
  if (turn.raw !== null) return said(turn.raw, "raw");
  return el("p", "nothing", turn.error === undefined ? "No reply." : `No reply: ${spoken(turn.error)}.`);
}

function contextsView(contexts) {
  if (!contexts.length) return null;
  const view = el("details", "contexts", el("summary", "", `${contexts.length} retrieved ${contexts.length === 1 ? "passage" : "passages"}`));
  view.append(...contexts.map((context) => said(context)));
  return view;
}

function turnView(data, turn, many) {
  const user = el("div", "bubble user", el("p", "who", many ? `User, turn ${turn.turn + 1}` : "User"), said(turn.prompt));
  const who = el("p", "who", "Assistant ", el("span", "outcome", turnFacts(turn)));
  const assistant = el("div", "bubble assistant", who, answerView(turn), contextsView(turn.contexts));
  const order = (criterion) => (criterion.passed === false ? 0 : criterion.passed === null ? 1 : 2);
  const judged = [...turn.criteria].sort((a, b) => order(a) - order(b));
  const criteria = el("ul", "criteria", ...judged.map((criterion) => criterionView(data, criterion)));
  const ids = el("p", "ids", `exchange ${turn.exchange_id}`);
  if (turn.trace_id !== undefined) ids.append(` · trace ${turn.trace_id}`);
  if (turn.target_version !== undefined) ids.append(` · version ${turn.target_version}`);
  return el("section", "turn", user, assistant, judged.length ? criteria : null, ids);
}

function previewView(data, row) {
  const view = el("div", "talk");
  for (const [who, text] of [["User", data.questions[row]], ["Assistant", data.answers[row]]]) {
    if (text) view.append(el("div", `bubble ${who.toLowerCase()}`, el("p", "who", who), said([text])));
  }
  view.append(el("p", "note", "This is a preview: the file keeps whole texts of failures first. The rest is in the run's exchanges/ folder."));
  return view;
}

class Detail {
  constructor(data, dialog, onClose) {
    Object.assign(this, { data, dialog, row: null });
    this.title = document.getElementById("dialog-h");
    this.body = document.getElementById("dialog-body");
    dialog.addEventListener("close", () => {
      this.row = null;
      onClose();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  async open(row) {
    const { data } = this;
    this.row = row;
    const detail = await detailOf(data, row);
    if (this.row !== row) return;
    const [status, statusName] = data.tables.status[data.status[row]];
    this.title.replaceChildren(el("span", `tag ${TONE[status]}`, `${SYMBOL[status]} ${statusName}`), " ", data.ids[row]);
    const command = el("code", "", `reverse-rag replay ${data.ids[row]}`);
    const who = [data.tables.persona[data.persona[row]][1], data.tables.strategy[data.strategy[row]][1]].join(" · ");
    const talk = detail
      ? el("div", "talk", ...detail.turns.map((turn) => turnView(data, turn, detail.turns.length > 1)))
      : previewView(data, row);
    this.body.replaceChildren(el("p", "meta", who), talk, el("p", "replay", command));
    this.body.scrollTop = 0;
    if (!this.dialog.open) this.dialog.showModal();
  }
}

const TONE = { failed: "fail", ungraded: "inconclusive", infrastructure: "void", unjudged: "void", passed: "pass" };
