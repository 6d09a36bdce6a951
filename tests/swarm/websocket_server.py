"""A chat back end behind WebSockets for the tests: what becomes of a message is the way in its brackets."""

import json
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, cast

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

from harness.testing.target_bodies import ANSWER, CONTEXTS, WAF_PAGE, plain_reply

DONE = json.dumps({"done": True, "sources": CONTEXTS})
PIECES = [json.dumps({"delta": word + " "}) for word in ANSWER.split()]
REFUSALS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/401": (401, {}, b"who are you?"),
    "/403": (403, {"content-type": "text/html"}, WAF_PAGE),
    "/429": (429, {"retry-after": "1"}, b""),
    "/500": (500, {}, b"oh"),
    "/503-retry": (503, {"retry-after": "1"}, b""),
    "/302": (302, {"location": "http://127.0.0.1:1/"}, b""),
    "/200": (200, {"content-type": "application/json"}, plain_reply()),
}
"""Status, headers and body of those that refuse the handshake, by path."""


@dataclass(slots=True)
class Chat:
    """One connection as the server sees it."""

    number: int
    sock: socket.socket
    ws: WSConnection
    target: "WebSocketTarget"
    heard: list[Any] = field(default_factory=list)
    """Its messages, in order of arrival."""
    way: str = "ok"
    """That of the message before a ping that waits for its pong."""

    def say(self, *messages: str | bytes) -> None:
        """Send messages at once, each in a frame of its own."""
        events = [TextMessage(data=one) if isinstance(one, str) else BytesMessage(data=one) for one in messages]
        self.sock.sendall(b"".join(map(self.ws.send, events)))

    def send(self, event: Any) -> None:
        """Send anything else."""
        self.sock.sendall(self.ws.send(event))

    def leave(self, code: int | None = None) -> None:
        """Close the connection, with a word or without."""
        if code is not None:
            self.send(CloseConnection(code=code))
        self.sock.shutdown(socket.SHUT_RDWR)


@dataclass(slots=True)
class WebSocketTarget:
    """Runs while its ``with`` block does.

    Args:
        respond: Answers a message, as parsed from its JSON; None does what the way says.
        ssl_context: Makes it ``wss``.
    """

    respond: Callable[[Chat, Any], None] | None = None
    ssl_context: ssl.SSLContext | None = None
    handshakes: list[dict[str, str]] = field(default_factory=list)
    """Headers by lower-case name, ``:path`` among them."""
    messages: list[tuple[int, Any]] = field(default_factory=list)
    """The connection's number, from 0, and the message."""
    pongs: list[int] = field(default_factory=list)
    goodbyes: list[int] = field(default_factory=list)
    """The codes that clients closed connections with."""
    _server: Any = None

    def __enter__(self) -> Self:
        server = self._server = _Server(("127.0.0.1", 0), _Handler)
        server.target = self
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/ok", host: str = "127.0.0.1") -> str:
        """Return the URL of a path."""
        return f"{'ws' if self.ssl_context is None else 'wss'}://{host}:{self._server.server_address[1]}{path}"

    def talk(self, chat: Chat, message: Any) -> None:
        """Answer a message."""
        self.messages.append((chat.number, message))
        chat.heard.append(message)
        if self.respond is not None:
            self.respond(chat, message)
            return
        named = re.search(r"\[([^\]]+)\]", json.dumps(message))
        chat.way = named[1] if named else "ok"
        WAYS[chat.way](chat)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100
    target: WebSocketTarget

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: clients leave as they like."""


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        target = cast("_Server", self.server).target
        sock: socket.socket = self.request
        if target.ssl_context is not None:
            sock = target.ssl_context.wrap_socket(sock, server_side=True)
        ws = WSConnection(ConnectionType.SERVER)
        chat: Chat | None = None
        while block := sock.recv(65536):
            ws.receive_data(block)
            for event in ws.events():
                if isinstance(event, Request):
                    chat = _opened(target, sock, ws, event)
                elif isinstance(event, TextMessage) and chat is not None:
                    target.talk(chat, json.loads(event.data))
                elif isinstance(event, Pong) and chat is not None:
                    target.pongs.append(chat.number)
                    if chat.way == "ping-first":
                        chat.say(plain_reply().decode())
                elif isinstance(event, CloseConnection):
                    target.goodbyes.append(int(event.code))
                    return
            if chat is None:
                return


def _opened(target: WebSocketTarget, sock: socket.socket, ws: WSConnection, request: Request) -> Chat | None:
    """Answer a handshake; return the chat that begins with it."""
    target.handshakes.append(
        {name.decode().lower(): value.decode() for name, value in request.extra_headers}
        | {":path": request.target, "sec-websocket-protocol": ", ".join(request.subprotocols)}
    )
    number = len(target.handshakes) - 1
    path = request.target.partition("?")[0]
    if path in REFUSALS:
        status, headers, body = REFUSALS[path]
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        lines.append((b"content-length", str(len(body)).encode()))
        sock.sendall(ws.send(RejectConnection(status_code=status, headers=lines, has_body=True)))
        sock.sendall(ws.send(RejectData(data=body)))
        return None
    if path == "/reset":
        return None
    if path == "/silent":
        sock.recv(1)
        return None
    protocol = request.subprotocols[0] if request.subprotocols else None
    accepted = ws.send(AcceptConnection(subprotocol=protocol, extra_headers=[(b"x-release", b"2.7.1")]))
    if path == "/bad-accept":
        accepted = re.sub(rb"Accept: \S+", b"Accept: bm90IGl0", accepted)
    if path == "/interim":
        accepted = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + accepted
    chat = Chat(number, sock, ws, target)
    if path == "/greets":
        accepted += ws.send(TextMessage(data='{"message":{"text":"Welcome!"}}'))
    sock.sendall(accepted)
    if path == "/unwelcome":
        chat.leave(4401)
    return chat


def _fragments(chat: Chat) -> None:
    text = plain_reply().decode()
    chat.send(TextMessage(data=text[:30], message_finished=False))
    chat.send(Ping(payload=b"between"))
    chat.send(TextMessage(data=text[30:]))


def _late_ping(chat: Chat) -> None:
    chat.say(plain_reply().decode())
    chat.send(Ping(payload=b"still there?"))


def _chatter(chat: Chat) -> None:
    chat.say(plain_reply(f"answer {len(chat.heard)}").decode(), plain_reply("By the way").decode())


def _said_then(code: int | None, messages: list[str]) -> Callable[[Chat], None]:
    def respond(chat: Chat) -> None:
        chat.say(*messages)
        chat.leave(code)

    return respond


def _left_once(chat: Chat) -> None:
    """The second message of the first connection meets a server that leaves; everything else is answered."""
    if chat.number == 0 and len(chat.heard) == 2:
        chat.leave(1001)
    else:
        chat.say(plain_reply().decode())


WAYS: dict[str, Callable[[Chat], None]] = {
    "ok": lambda chat: chat.say(plain_reply().decode()),
    "binary": lambda chat: chat.say(plain_reply()),
    "fragments": _fragments,
    "ping-first": lambda chat: chat.send(Ping(payload=b"first")),
    "late-ping": _late_ping,
    "chatter": _chatter,
    "left-once": _left_once,
    "answer-and-1001": _said_then(1001, [plain_reply().decode()]),
    "answer-and-gone": _said_then(None, [plain_reply().decode()]),
    "html": lambda chat: chat.say("<html>oh</html>"),
    "not-json": lambda chat: chat.say('{"message": '),
    "other-shape": lambda chat: chat.say('{"reply": "hm"}'),
    "silent": lambda _: None,
    "gone": lambda chat: chat.leave(),
    "1000": lambda chat: chat.leave(1000),
    "1011": lambda chat: chat.leave(1011),
    "4429": lambda chat: chat.leave(4429),
    "noise": lambda chat: chat.sock.sendall(b"\xff\x00\xff\x00"),
    "bad-utf8": lambda chat: chat.sock.sendall(b"\x81\x02\xff\xfe"),
    "huge": lambda chat: chat.say("x" * (9 * 1024 * 1024)),
    "stream": lambda chat: chat.say('{"event": "typing"}', *PIECES, DONE),
    "stream-1000": _said_then(1000, PIECES),
    "stream-cut": _said_then(None, PIECES[:3]),
    "stream-1011": _said_then(1011, PIECES[:3]),
    "stream-error": lambda chat: chat.say(PIECES[0], '{"error": {"code": "overloaded"}}'),
    "stream-stops": lambda chat: chat.say(*PIECES[:3]),
    "stream-endless": lambda chat: chat.say(*(["x" * 1024 * 1024] * 9)),
}
"""What becomes of a message."""
