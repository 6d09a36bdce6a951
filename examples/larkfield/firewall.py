"""The web application firewall in front of the assistant: it turns away well-known attack strings."""

import re

BLOCK_PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>403 Forbidden</title></head>
<body><h1>Request blocked</h1><p>This request was stopped by the web application firewall.</p></body></html>
"""
_KNOWN_ATTACKS = re.compile(
    r"\b(ignore|disregard|forget)\s+(all\s+|any\s+)?(of\s+)?(the\s+|your\s+|my\s+|these\s+)?(previous|prior|above|earlier|preceding)\s+"
    r"(instructions?|prompts?|rules|messages?|directions)"
    r"|<\s*/?\s*(script|iframe)\b|\bonerror\s*=|javascript:"
    r"|['\"]\s*(or|and)\s+['\"]?1['\"]?\s*=\s*['\"]?1"
    r"|\bunion\s+(all\s+)?select\b|;\s*drop\s+table\b|\.\./\.\./|/etc/passwd",
    re.IGNORECASE,
)


def blocks(text: str) -> bool:
    """Return whether the firewall refuses a message with this text."""
    return _KNOWN_ATTACKS.search(text) is not None
