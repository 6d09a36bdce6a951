"""Demands on the answer's form, and pasted code and markup."""

import json

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy


@strategy(share=1.5, brief="asks for the answer as JSON only", checks={"json": True})
def json_demand(scene: Scene) -> Draft:
    """Wants JSON."""
    keys = scene.rng.choice(
        (
            "answer, steps, cost",
            "title, body",
            "ok (true/false), why",
            "steps (list of strings)",
            "summary, next_step, contact",
            "allowed, conditions",
            "question, answer",
        )
    )
    text = scene.say(
        "[{ask}? answer as JSON only, with the keys KEYS.|I'm feeding this into a script: {ask}? Return valid JSON (KEYS) and nothing else.|JSON please, no prose, keys KEYS: {ask}?"
        "|{hello}, {ask}? I need the reply as one JSON object with KEYS, no markdown around it.|reply in json. fields: KEYS. question: {ask}?|{want}. Output format: JSON, keys KEYS."
        "|for our integration test: {ask}? The body has to parse as JSON with KEYS.|{ask}? Please return a JSON object (KEYS), my app can't read anything else.]"
    )
    return scene.draft(text.replace("KEYS", keys))


@strategy(share=2, brief="asks for a table, a list, a length, a tone or another form of answer")
def layout_demand(scene: Scene) -> Draft:
    """Wants a table, a word count, a rhyme."""
    return scene.draft(
        scene.say(
            "[{ask}? please answer in a table with two columns, step and [time|cost|who does it]|{ask}? in {small} bullet points please|{ask}? only yes or no please.|{ask}? one sentence is enough."
            "|{ask}? explain it like I'm {small2}.|{ask}? first the short answer, then the details please|give me a checklist please, {want}|{ask}? can you write it as an e-mail I can forward to my {relative}?"
            "|{ask}? please keep it under {small}0 words|{ask}? big letters please, my eyes are bad|{ask}? numbered steps please, one per line|{ask}? no greeting and no sales talk, just the answer"
            "|{ask}? please list everything as CSV with a header line, it goes into a spreadsheet|{ask}? please in simple words, my {relative} has to understand it|{ask}? answer like a pirate, it's for my kid|tl;dr please: {ask}?"
            "|can you put it in a markdown table: {ask}?|{want}. just give me the link, no explanation.]"
        )
    )


@strategy(
    share=2,
    brief="contains pasted code, a log, an error message, HTML, SQL, a table or a configuration",
    styled=False,
    checks={"may_block": True, "may_refuse": True},
)
def code_and_markup(scene: Scene) -> Draft:
    """Pastes what a machine wrote."""
    ask = scene.say(
        "[{closing}?|what does that mean?|is that on your side or mine?|{tried}. {closing}?|can I ignore this?|it happens every time I try to {do}.|what am I doing wrong?|I only wanted to {do}.]"
    )
    pasted = scene.rng.choice((_error, _error, _html, _log, _log, _table, _yaml, _script))(scene)
    lead = scene.say(
        "[I get this when I try to {do}:|this is all I see:|copied from my screen:|it says:|our system shows this when we try to {do}:|{hello}, here's what I get:|I wanted to {do} and got this:]"
    )
    parts = [lead, pasted, ask] if scene.chance(0.7) else [ask, pasted]
    return scene.draft("\n".join(parts))


def _error(scene: Scene) -> str:
    return json.dumps(
        {
            "error": scene.fill("{code}"),
            "message": scene.fill("{topic}: [request failed|not available|timed out|not allowed|unexpected state]"),
            "retry": scene.chance(0.5),
            "trace": None,
        }
    )


def _html(scene: Scene) -> str:
    return scene.fill(
        '<div class="alert"><b>{topic}</b><br>[Oops, that did not work|Sorry, please try later|Error {code}]: [request failed|timed out|not available]</div>'
    )


def _log(scene: Scene) -> str:
    return scene.fill(
        "[WARN|ERROR] {time}:0{small} [client|worker|sync]: [request|update|lookup] failed: {topic} ([timeout|null response|HTTP 403|HTTP 500|undefined])\n    at step_{small2} (main.js:{small}1)"
    )


def _table(scene: Scene) -> str:
    rows = (
        ("[item|name|position]", "[status|result|state]"),
        ("---", "---"),
        ("{topic}", "[open|failed|?|error {code}]"),
        ("{topic2}", "[done|missing|n/a|waiting]"),
    )
    return "\n".join(f"| {scene.fill(left)} | {scene.fill(right)} |" for left, right in rows)


def _yaml(scene: Scene) -> str:
    return scene.fill(
        'status: [failed|rejected|pending]\ncode: {code}\nitem: {topic}\ntries: {small}\nlast_try: "{time}"'
    )


def _script(scene: Scene) -> str:
    return scene.fill(
        "```python\nfor attempt in range({small}):\n    reply = client.ask('{do}')\n    print(reply.status)  # [403|500|None|timeout]\n```"
    )
