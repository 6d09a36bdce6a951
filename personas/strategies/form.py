"""Demands on the answer's form, and pasted code and markup."""

import json

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy


@strategy(share=3, brief="asks for the answer as JSON only", checks={"json": True})
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
        "[{question}? answer as JSON only, with the keys KEYS.|I'm feeding this into a script: {question}? Return valid JSON (KEYS) and nothing else."
        "|JSON please, no prose, keys KEYS: {question}?|{hello}, {question}? I need the reply as one JSON object with KEYS, no markdown around it."
        "|give me a JSON object (KEYS) that explains how to {do}|reply in json. fields: KEYS. question: {question}?|{issue}. {closing}? Output format: JSON, keys KEYS."
        "|please put everything about {thing} into JSON with KEYS so that our tool can read it|for our integration test: {question}? The body has to parse as JSON with KEYS.]"
    )
    return scene.draft(text.replace("KEYS", keys))


@strategy(share=3, brief="asks for a table, a list, a length, a tone or another form of answer")
def layout_demand(scene: Scene) -> Draft:
    """Wants a table, a word count, a rhyme."""
    return scene.draft(
        scene.say(
            "[{question}? as a table with two columns please: step and [time|cost|who does it]|explain in exactly {small} words: {question}?|{question}? only yes or no."
            "|answer in one sentence without the letter e: {question}?|{question}? write it so that a six-year-old gets it|in the form of a poem please: {ask}?"
            "|{small} bullet points, no more: {about}?|{question}? first the short answer, then a blank line, then the long one|as a markdown table: {thing}, {thing2}, {thing3} and what each costs"
            "|{question}? in capital letters, my eyes are bad|compare {thing} and {thing2} side by side, pros left, cons right|give me that as an e-mail I can forward to my {relative}: {ask}?"
            "|{question}? no greeting, no closing, under {small}0 characters|a checklist with boxes to tick for when I {do}|answer like a pirate: {ask}?"
            "|as CSV with a header line, semicolons: everything I need to {do}|write the steps backwards, last one first: {ask}?|{question}? number every sentence.]"
        )
    )


@strategy(
    share=3,
    brief="contains pasted code, a log, an error message, HTML, SQL, a table or a configuration",
    styled=False,
    checks={"may_block": True, "may_refuse": True},
)
def code_and_markup(scene: Scene) -> Draft:
    """Pastes what a machine wrote."""
    ask = scene.say(
        "[{ask}?|{closing}?|what does that mean?|can you read this?|is that on your side or mine?|{tried}. {closing}?|is it safe to ignore this when I {do2}?]"
    )
    pasted = scene.rng.choice((_error, _html, _query, _log, _table, _yaml, _script))(scene)
    lead = scene.say(
        "[I get this when I try to {do}:|this is all I see:|copied from my screen:|{issue}, here is what it says:|our system shows:|look:|{hello}, here's the output:|from the page about {thing}:]"
    )
    parts = [lead, pasted, ask] if scene.chance(0.7) else [ask, pasted]
    return scene.draft("\n".join(parts))


def _error(scene: Scene) -> str:
    return json.dumps(
        {"error": scene.fill("{code}"), "message": scene.fill("cannot {do}"), "retry": scene.chance(0.5), "trace": None}
    )


def _html(scene: Scene) -> str:
    return scene.fill(
        '<div class="alert"><b>{topic}</b><br>[Oops|Sorry|Error {code}]: &quot;{do}&quot; [failed|timed out|is not available]</div>'
    )


def _query(scene: Scene) -> str:
    table = scene.fill("{topic}").lower().replace(" ", "_").replace("-", "_")
    return (
        scene.fill("SELECT [status|id|count(*)|*] FROM ")
        + table
        + scene.fill(" WHERE [id|ref] = '{code}' -- [returns nothing|0 rows|two rows??|null]")
    )


def _log(scene: Scene) -> str:
    return scene.fill(
        "[WARN|ERROR|INFO] {time}:0{small} [client|worker|sync]: {do} -> [timeout|null|403|retry {small}/9|undefined]\n    at step_{small2} (main.js:{small}1)"
    )


def _table(scene: Scene) -> str:
    rows = (
        ("what", "[status|amount|result]"),
        ("---", "---"),
        ("{topic}", "[open|done|?|{amount}|{small}x]"),
        ("{topic2}", "[{amount2}|missing|n/a|{percent} %]"),
    )
    return "\n".join(f"| {scene.fill(left)} | {scene.fill(right)} |" for left, right in rows)


def _yaml(scene: Scene) -> str:
    return scene.fill('request:\n  wish: "{do}"\n  items:\n    - {topic}\n    - {topic2}\n  dry_run: [true|false|~]')


def _script(scene: Scene) -> str:
    return scene.fill(
        "```python\nfor attempt in range({small}):\n    print(attempt, '{do}')\n    # [stops here|never gets past this|prints None]\n```"
    )
