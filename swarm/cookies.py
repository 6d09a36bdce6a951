"""Cookies of one conversation, kept and given out by the standard library's rules."""

from email.message import Message
from http.cookiejar import CookieJar
from typing import Any, cast
from urllib.request import Request


class _Headers:
    """As much of a response as ``CookieJar`` looks at."""

    def __init__(self, set_cookie: str) -> None:
        self._message = Message()
        for line in set_cookie.split("\n"):
            self._message["Set-Cookie"] = line

    def info(self) -> Message:
        """Return the headers."""
        return self._message


def keep_cookies(jar: CookieJar, url: str, set_cookie: str) -> None:
    """Put a reply's cookies into the jar, as far as its host may set them.

    Args:
        jar: The conversation's.
        url: What was asked for.
        set_cookie: The ``Set-Cookie`` headers, a line each.
    """
    jar.extract_cookies(cast("Any", _Headers(set_cookie)), Request(url))  # noqa: S310 - nothing is opened


def cookie_header(jar: CookieJar, url: str) -> str:
    """Return the ``Cookie`` header of a request; empty where no cookie is for its URL."""
    request = Request(url)  # noqa: S310 - nothing is opened
    jar.add_cookie_header(request)
    return request.get_header("Cookie") or ""
