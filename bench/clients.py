"""The clients that the swarm is compared with, each in a process of its own: ``python -m bench.clients KIND URL N``.

Prints CPU microseconds per request and wall seconds, start-up left out. Nothing is recorded, no reply is read as
JSON: this is the least that such a client costs.
"""

import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

USERS = 20
BODY = {"query": "question 1, how late may I check in?"}


def fast_http(url: str, count: int) -> tuple[float, float]:
    """Send with Locust's FastHttpUser, 20 users without a pause; return CPU and wall seconds."""
    import gevent
    import locust
    from locust.env import Environment
    from locust.exception import StopUser

    left = iter(range(count))

    class User(locust.FastHttpUser):  # type: ignore[misc]  # Locust is not followed by the type checker
        host = url.rpartition("/")[0]
        wait_time = locust.constant(0)

        @locust.task  # type: ignore[untyped-decorator]
        def ask(self) -> None:
            if next(left, None) is None:
                raise StopUser
            self.client.post(url, json=BODY)

    environment = Environment(user_classes=[User])
    done: list[Any] = []
    environment.events.request.add_listener(lambda **_: done.append(None))
    runner = environment.create_local_runner()
    cpu, wall = time.process_time(), time.perf_counter()
    runner.start(USERS, spawn_rate=USERS)
    while len(done) < count:
        gevent.sleep(0.02)
    spent = time.process_time() - cpu, time.perf_counter() - wall
    runner.quit()
    return spent


def requests_session(url: str, count: int) -> tuple[float, float]:
    """Send with one session of requests, one request after the other; return CPU and wall seconds."""
    import requests

    with requests.Session() as session:
        session.post(url, json=BODY, timeout=10)

        def ask() -> None:
            for _ in range(count):
                session.post(url, json=BODY, timeout=10)

        return _spent(ask)


def gevent_client(url: str, count: int) -> tuple[float, float]:
    """Send with geventhttpclient alone, 20 greenlets without a pause; return CPU and wall seconds."""
    import gevent
    import orjson
    from geventhttpclient import HTTPClient

    parts = urlsplit(url)
    client = HTTPClient(parts.hostname, parts.port, concurrency=USERS, connection_timeout=10, network_timeout=10)
    left = iter(range(count))

    def ask() -> None:
        for _ in left:
            client.post(parts.path, body=orjson.dumps(BODY), headers={"content-type": "application/json"}).read()

    return _spent(lambda: gevent.joinall([gevent.spawn(ask) for _ in range(USERS)], raise_error=True))


def gevent_sockets(url: str, count: int) -> tuple[float, float]:
    """Send and receive the bytes with gevent's sockets, 20 greenlets, nothing parsed: the floor of any such client."""
    import gevent
    import gevent.socket
    import orjson

    parts = urlsplit(url)
    body = orjson.dumps(BODY)
    head = f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-length: {len(body)}\r\n\r\n"
    left = iter(range(count))

    def ask() -> None:
        with gevent.socket.create_connection((parts.hostname, parts.port)) as sock:
            for _ in left:
                sock.send(head.encode() + body)
                # The target's reply is one write of a kilobyte.
                sock.recv(65536)

    return _spent(lambda: gevent.joinall([gevent.spawn(ask) for _ in range(USERS)], raise_error=True))


def _spent(send: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    send()
    return time.process_time() - cpu, time.perf_counter() - wall


CLIENTS = {
    "fast_http": fast_http,
    "gevent_client": gevent_client,
    "gevent_sockets": gevent_sockets,
    "requests": requests_session,
}


def main() -> None:
    """Run one client."""
    kind, url, count = sys.argv[1:]
    cpu_s, wall_s = CLIENTS[kind](url, int(count))
    print(cpu_s / int(count) * 1e6, wall_s)


if __name__ == "__main__":
    main()
