"""The assistant over HTTP: plain JSON at ``/chat``, OpenAI's protocol at ``/v1/chat/completions``."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from larkfield import RELEASES
from larkfield.answer import Answer, Assistant, Turn
from larkfield.completions import completion, events
from larkfield.defects import Defects
from larkfield.firewall import BLOCK_PAGE, blocks
from larkfield.latency import Line
from larkfield.messages import LARGEST_BODY, Ask, BadRequestError, read_chat, read_completion
from larkfield.threads import Threads

_STREAM_START = 0.6
"""Share of the service time that passes before the first token of a stream."""
_TOKEN_GAP = 0.05
"""Pause between two tokens as a share of the base latency."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an instance of the assistant behaves."""

    release: str = RELEASES["good"]
    defects: Defects = field(default_factory=lambda: Defects({}))
    latency_ms: float = 40.0
    """Median service time of a request that is alone."""
    seed: int = 0


class Service:
    """Answers requests of both protocols: firewall, crowd, defects and memory included."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._assistant = Assistant()
        self._threads = Threads()
        self._line = Line(base_ms=settings.latency_ms, seed=settings.seed)

    async def chat(self, request: Request) -> Response:
        """Answer ``POST /chat``."""
        try:
            ask = read_chat(await _body(request))
        except BadRequestError as error:
            return self._refused(error)
        with self._line.place():
            stopped = await self._served(ask)
            if stopped is not None:
                return stopped
            history = self._threads.history(ask.thread)
            answer = self._answer(ask, history)
            self._threads.remember(ask.thread, Turn(ask.message, answer.text))
            return self._answered(ask, self._chat_body(ask, answer))

    async def complete(self, request: Request) -> Response:
        """Answer ``POST /v1/chat/completions``, in one piece or as a stream."""
        try:
            ask = read_completion(await _body(request))
        except BadRequestError as error:
            return self._refused(error)
        if ask.stream:
            return await self._streamed(ask)
        with self._line.place():
            stopped = await self._served(ask)
            if stopped is not None:
                return stopped
            return self._answered(ask, completion(ask, self._answer(ask, ask.history)))

    async def health(self, _: Request) -> Response:
        """Answer ``GET /health``."""
        content = {"status": "ok", "release": self._settings.release, "in_flight": self._line.in_flight}
        return self._json(json.dumps(content), 200)

    async def _served(self, ask: Ask, *, share: float = 1.0) -> Response | None:
        """Let a request wait its time; return the reply if it ends there, at the firewall or by an error."""
        if blocks(ask.message):
            return HTMLResponse(BLOCK_PAGE, status_code=403, headers=self._headers())
        overloaded = self._settings.defects.overloads(ask.message, in_flight=self._line.in_flight)
        await asyncio.sleep(self._line.service_s(ask.message) * share)
        if overloaded:
            status = self._settings.defects.status_of_overload(ask.message)
            return self._json(json.dumps(_error("the assistant is overloaded", "server_error")), status)
        return None

    async def _streamed(self, ask: Ask) -> Response:
        with self._line.place():
            stopped = await self._served(ask, share=_STREAM_START)
        if stopped is not None:
            return stopped
        answer = self._answer(ask, ask.history)
        gap_s = self._settings.latency_ms / 1000 * _TOKEN_GAP

        async def parts() -> AsyncIterator[str]:
            with self._line.place():
                async for part in events(ask, answer, gap_s=gap_s, cut=self._cuts(ask)):
                    yield part

        return StreamingResponse(parts(), media_type="text/event-stream", headers=self._headers())

    def _answer(self, ask: Ask, history: tuple[Turn, ...]) -> Answer:
        return self._settings.defects.spoil(self._assistant.answer(ask.message, history), ask.message)

    def _cuts(self, ask: Ask) -> bool:
        return self._settings.defects.of(ask.message) == "cut_json"

    def _chat_body(self, ask: Ask, answer: Answer) -> dict[str, Any]:
        sources = [{"id": s.passage_id, "title": s.title, "text": s.text} for s in answer.evidence]
        return {
            "message": {"text": answer.text, "sources": sources},
            "thread": ask.thread,
            "release": self._settings.release,
        }

    def _answered(self, ask: Ask, content: dict[str, Any]) -> Response:
        """Return the reply, or only its first half where this prompt meets a broken body."""
        # ASCII, so that a lone surrogate in an echoed field cannot break the encoding.
        body = json.dumps(content)
        return self._json(body[: len(body) // 2] if self._cuts(ask) else body, 200)

    def _refused(self, error: BadRequestError) -> Response:
        return self._json(json.dumps(_error(error.message, "invalid_request_error")), error.status)

    def _json(self, body: str, status: int) -> Response:
        return Response(body, status, self._headers(), media_type="application/json")

    def _headers(self) -> dict[str, str]:
        return {"x-release": self._settings.release}


def create_app(settings: Settings | None = None) -> Starlette:
    """Return the assistant as an ASGI application."""
    service = Service(settings or Settings())
    return Starlette(
        routes=[
            Route("/chat", service.chat, methods=["POST"]),
            Route("/v1/chat/completions", service.complete, methods=["POST"]),
            Route("/health", service.health, methods=["GET"]),
        ]
    )


def _error(message: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind}}


async def _body(request: Request) -> bytes:
    """Read a request's body; reading stops soon after it is too large."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            break
    return body
