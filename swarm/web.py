"""Locust's web UI on request: it shows a run's statistics, and changes nothing. Import Locust first."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import gevent
import gevent.socket
from locust.stats import stats_history

from harness.errors import DependencyError
from swarm.distribution import LOOPBACK

_SHOWN = (
    "/assets/",
    "/stats/requests",
    "/stats/failures/csv",
    "/stats/report",
    "/exceptions",
    "/tasks",
    "/worker-count",
)
_Answer = Callable[..., Any]


def serve_statistics(environment: Any, port: int, stop: Callable[[], None]) -> None:
    """Serve Locust's web UI on this machine's loopback address.

    Raises:
        DependencyError: If the port is taken.
    """
    try:
        with gevent.socket.create_server((LOOPBACK, port)):
            pass
    except OSError as error:
        raise DependencyError(
            f"the web UI cannot be served at {LOOPBACK}:{port}: {error.strerror}", hint="choose another --web-port"
        ) from None
    web = environment.create_web_ui(host=LOOPBACK, port=port, delayed_start=True)
    web.app.wsgi_app = ReadOnly(web.app.wsgi_app, port, stop)
    web.start()
    gevent.spawn(stats_history, environment.runner)


class ReadOnly:
    """Lets through what shows something, and a stop; refuses everything else.

    Locust's UI lets any web page that the user has open read and steer it (it
    answers every origin). Here a request has to name this address as its host,
    because a page can make any name of its own point here, and a stop has to
    come from the UI's own page.

    Args:
        app: Locust's.
        port: The one it is served at.
        stop: Ends the run.
    """

    def __init__(self, app: _Answer, port: int, stop: Callable[[], None]) -> None:
        self._app = app
        self._hosts = {f"{host}:{port}" for host in (LOOPBACK, "localhost")}
        self._stop = stop

    def __call__(self, environ: dict[str, Any], start_response: _Answer) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD")
        if environ.get("HTTP_HOST") not in self._hosts:
            return _say(start_response, "403 Forbidden", b'{"message": "this host is not served"}')
        if path == "/stop" and method == "POST" and self._own_page(environ):
            self._stop()
            return _say(start_response, "200 OK", b'{"success": true, "message": "the run ends"}')
        if method != "GET" or not (path == "/" or path.startswith(_SHOWN)):
            return _say(
                start_response, "403 Forbidden", b'{"success": false, "message": "a run\'s plan is fixed: read only"}'
            )

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            own = [(name, value) for name, value in headers if not name.lower().startswith("access-control-")]
            return start_response(status, own, *rest)

        answer: Iterable[bytes] = self._app(environ, start)
        return answer

    def _own_page(self, environ: dict[str, Any]) -> bool:
        page = urlsplit(environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER") or "")
        return page.scheme == "http" and page.netloc in self._hosts


def _say(start_response: _Answer, status: str, body: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
