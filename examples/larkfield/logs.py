"""Makes the bank's production logs: ``python -m larkfield.logs --out DIR --sessions 3000 --seed 7``.

Three files: ``logs.jsonl`` (one request a line), ``profiles.jsonl`` (what the
bank knows of each customer) and ``truth.jsonl`` (where each personal value
stands, by request). The same seed gives the same bytes.
"""

import argparse
import datetime as dt
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from larkfield.answer import Assistant, Turn
from larkfield.conversations import Message, conversation
from larkfield.firewall import blocks
from larkfield.grammar import Piece, Span, joined
from larkfield.people import Customer, invented_customer
from larkfield.traffic import busyness, moment
from larkfield.voices import Voice, voices

_SESSIONS_PER_CUSTOMER = 8
_FEWEST_CUSTOMERS, _MOST_CUSTOMERS = 30, 400
_SERVER_ERROR = 0.003
_GREETED_BY_NAME, _COPIED_BY_MAIL = 0.06, 0.02
_RATED = 0.13


@dataclass(frozen=True, slots=True)
class Logged:
    """One request of the log, and the personal values in it."""

    at: dt.datetime
    record: dict[str, Any]
    prompt_spans: list[Span]
    response_spans: list[Span]

    def truth(self, request_id: str) -> dict[str, Any]:
        """Return the request's line of ``truth.jsonl``."""
        spans = [_truth("prompt", span) for span in self.prompt_spans]
        spans += [_truth("response", span) for span in self.response_spans]
        return {"request_id": request_id, "spans": spans}


@dataclass(frozen=True, slots=True)
class Client:
    """A customer and the way they write."""

    customer: Customer
    voice: Voice


def write_logs(out: Path, *, sessions: int, seed: int) -> int:
    """Write the three files into a folder and return the number of requests.

    Args:
        out: Folder; made if it is not there.
        sessions: Number of conversations.
        seed: Source of all chance.
    """
    clients = _clients(sessions, seed)
    logged = sorted(_conversations(clients, sessions, seed), key=lambda entry: (entry.at, entry.record["session_id"]))
    out.mkdir(parents=True, exist_ok=True)
    with (
        (out / "logs.jsonl").open("w", encoding="utf-8", newline="\n") as logs,
        (out / "truth.jsonl").open("w", encoding="utf-8", newline="\n") as truth,
    ):
        for number, entry in enumerate(logged):
            request_id = f"lf-{number:06d}"
            logs.write(_line({"request_id": request_id, **entry.record}))
            truth.write(_line(entry.truth(request_id)))
    with (out / "profiles.jsonl").open("w", encoding="utf-8", newline="\n") as profiles:
        profiles.writelines(_line(client.customer.profile()) for client in clients)
    return len(logged)


def _clients(sessions: int, seed: int) -> list[Client]:
    chance = random.Random(f"{seed}:customers")
    count = min(_MOST_CUSTOMERS, max(_FEWEST_CUSTOMERS, sessions // _SESSIONS_PER_CUSTOMER))
    manners = chance.choices(voices(), weights=[voice.share for voice in voices()], k=count)
    return [Client(invented_customer(chance, number), manner) for number, manner in enumerate(manners)]


def _conversations(clients: list[Client], sessions: int, seed: int) -> Iterator[Logged]:
    assistant = Assistant()
    # A few customers write often, most of them now and then.
    activity = list(accumulate(1 / (rank + 5) ** 0.7 for rank in range(len(clients))))
    chance = random.Random(f"{seed}:sessions")
    for number in range(sessions):
        client = chance.choices(clients, cum_weights=activity)[0]
        yield from _session(f"s-{number:05d}", client, assistant, chance)


def _session(session_id: str, client: Client, assistant: Assistant, chance: random.Random) -> Iterator[Logged]:
    at, channel = moment(chance), chance.choice(client.voice.channel)
    history: list[Turn] = []
    for message in conversation(client.customer, client.voice, chance):
        prompt, prompt_spans = joined(client.voice.write(message.pieces, chance))
        status = _status(prompt, chance)
        answer = assistant.answer(prompt, history)
        response, response_spans = joined(_delivered(answer.text, client.customer, chance))
        if status != 200:
            response, response_spans = "", []
        found = frozenset(source.passage_id for source in answer.evidence[:1])
        latency_ms = round(chance.lognormvariate(6.2, 0.4) * (0.7 + busyness(at)))
        record = {
            "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "user_id": client.customer.user_id,
            "session_id": session_id,
            "channel": channel,
            "prompt": prompt,
            "response": response if status == 200 else None,
            "rating": _rating(message, found, client.voice, chance) if status == 200 else None,
            "latency_ms": latency_ms,
            "status": status,
        }
        yield Logged(at, record, prompt_spans, response_spans)
        history = [*history, Turn(prompt, answer.text)][-6:]
        at += dt.timedelta(milliseconds=latency_ms + chance.randrange(6_000, 90_000))


def _status(prompt: str, chance: random.Random) -> int:
    if blocks(prompt):
        return 403
    return 500 if chance.random() < _SERVER_ERROR else 200


def _delivered(text: str, customer: Customer, chance: random.Random) -> list[Piece]:
    """Return the reply as the channel showed it: some greet by name or mention the customer's address."""
    draw = chance.random()
    if draw < _GREETED_BY_NAME:
        return [Piece("Hello "), Piece(customer.first_name, "PERSON"), Piece(f", {text}")]
    if draw < _GREETED_BY_NAME + _COPIED_BY_MAIL:
        return [Piece(f"{text} A copy of this chat goes to "), Piece(customer.email, "EMAIL_ADDRESS"), Piece(".")]
    return [Piece(text)]


def _rating(message: Message, found: frozenset[str], voice: Voice, chance: random.Random) -> str | None:
    if chance.random() >= _RATED:
        return None
    right = message.intent is not None and not message.intent.passages.isdisjoint(found)
    unhappy = (0.12 if right else 0.7) + (0.2 if voice.name == "angry" else 0.0)
    return "down" if chance.random() < unhappy else "up"


def _truth(field: str, span: Span) -> dict[str, Any]:
    return {"field": field, "start": span.start, "end": span.end, "type": span.kind, "value": span.value}


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the logs that the command line asks for, and say where they are."""
    parser = argparse.ArgumentParser(
        prog="python -m larkfield.logs", description="Make production logs of the Larkfield Bank."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the three files")
    parser.add_argument("--sessions", type=int, default=3000, help="number of conversations")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same bytes")
    options = parser.parse_args(arguments)
    requests = write_logs(options.out, sessions=options.sessions, seed=options.seed)
    sys.stderr.write(f"{requests} requests in {options.sessions} sessions written to {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
