"""What the local HTTP servers for tests listen with."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LoopbackServer(ThreadingHTTPServer):
    """Serves on loopback from its making to its ``end``, a thread a connection.

    Args:
        owner: Whom its handlers answer for.
        handler: Serves a connection.
        port: 0 takes a free one.
        ssl_context: Serves HTTPS with it.
    """

    daemon_threads = True
    request_queue_size = 512

    def __init__(
        self, owner: object, handler: type[BaseHTTPRequestHandler], *, port: int = 0, ssl_context: Any = None
    ) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.owner: Any = owner
        if ssl_context is not None:
            self.socket = ssl_context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def end(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: clients that leave are what many tests are about."""
