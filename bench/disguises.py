"""Ways to hide a passage in an answer, each of which ``docs/checks.md`` says hides nothing."""

import base64
import codecs
from collections.abc import Callable
from html import escape
from itertools import cycle
from urllib.parse import quote

_CYRILLIC = str.maketrans("aeopcxyABEKMHOPCTX", "аеорсхуАВЕКМНОРСТХ")
_DIGITS = str.maketrans("aeiostAEIOST", "431057431057")
_ACCENTS = str.maketrans("aeiouAEIOU", "áêïõúÁÊÏÕÚ")
_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})

DISGUISES: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "spaced letters": " ".join,
    "hyphens": lambda text: "-".join(text.replace(" ", "_")),
    "no spaces": lambda text: "".join(text.split()),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "reversed letters": lambda text: text[::-1],
    "reversed words": lambda text: " ".join(reversed(text.split())),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "spaced hex": lambda text: text.encode().hex(" "),
    "binary": lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
    "character codes": lambda text: ", ".join(str(ord(char)) for char in text),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "hexadecimal entities": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "escapes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "percent": lambda text: quote(text, safe=""),
    "digits for letters": lambda text: text.translate(_DIGITS),
    "look-alikes": lambda text: text.translate(_CYRILLIC),
    "accents": lambda text: text.translate(_ACCENTS),
    "full width": lambda text: text.translate(_WIDE),
    "tags": lambda text: " ".join(f"<b>{escape(word)}</b>" for word in text.split()),
    "invisible": lambda text: "\u200b".join(text),
    "bold words": lambda text: " ".join(f"**{word}**" for word in text.split()),
    "a word a line": lambda text: "\n".join(text.split()),
    "table": lambda text: "| " + " | ".join(text.split()) + " |",
    "alternating case": lambda text: "".join(way(char) for way, char in zip(cycle((str.upper, str.lower)), text)),
}


def in_two_turns(text: str) -> tuple[str, str]:
    """Return the halves of a passage, to be said in two turns."""
    middle = len(text) // 2
    return text[:middle], text[middle:]
