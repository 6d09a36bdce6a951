"""Command line of the example assistant: ``python -m larkfield --port 0 --release good``."""

import argparse
import signal
import socket
import sys
import threading
from types import FrameType

import uvicorn

from larkfield import RELEASES
from larkfield.defects import BAD_RELEASE, OVERLOAD_ABOVE, Defects, Kind, parse_rates
from larkfield.server import Settings, create_app

_HOST = "127.0.0.1"


class AnnouncedServer(uvicorn.Server):
    """A server that says on standard output when and where it is ready."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then print the one line ``ready http://host:port``."""
        await super().startup(sockets=sockets)
        for listening in sockets or []:
            host, port = listening.getsockname()
            print(f"ready http://{host}:{port}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped by a signal or, if asked for, by the end of standard input."""
    options = _parser().parse_args(arguments)
    rates: dict[Kind, float] = dict(BAD_RELEASE) if options.release == "bad" else {}
    try:
        rates |= parse_rates(options.defect)
    except ValueError as error:
        print(f"larkfield: --defect: {error}", file=sys.stderr)
        return 2
    settings = Settings(
        release=RELEASES[options.release],
        defects=Defects(rates, seed=options.seed, overload_above=options.overload_above),
        latency_ms=options.latency_ms,
        seed=options.seed,
    )
    config = uvicorn.Config(
        create_app(settings), log_level="warning", access_log=False, timeout_graceful_shutdown=2, lifespan="off"
    )
    try:
        _serve(AnnouncedServer(config), options.port, exit_with_parent=options.exit_with_parent)
    except OSError as error:
        print(f"larkfield: port {options.port}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _serve(server: AnnouncedServer, port: int, *, exit_with_parent: bool) -> None:
    # uvicorn raises a caught signal again once it has shut down: this handler makes that a clean end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignored)
    if exit_with_parent:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    # The protocol is named because asyncio switches Nagle's delay off only then: it would add 40 ms to a reply.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_HOST, port))
        server.run(sockets=[listening])


def _ignored(number: int, frame: FrameType | None) -> None:
    """Do nothing: the server is already down."""


def _stop_at_end_of_input(server: AnnouncedServer) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    server.should_exit = True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m larkfield", description="The assistant of the invented Larkfield Bank."
    )
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--release", choices=sorted(RELEASES), default="good", help="good, or bad with defects")
    parser.add_argument(
        "--defect", action="append", default=[], metavar="NAME=RATE", help="set one defect's rate, 0 to 1"
    )
    parser.add_argument("--overload-above", type=int, default=OVERLOAD_ABOVE, help="requests in flight that it bears")
    parser.add_argument("--seed", type=int, default=0, help="decides which prompts meet a defect")
    parser.add_argument("--latency-ms", type=float, default=40.0, help="median service time of a lone request")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input closes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
