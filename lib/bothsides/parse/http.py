"""Status lines, header blocks and status maps of HTTP, as broken as servers send them.

HTTP/1.1 200 OK
Content-Type: text/html

Source: RFC 9112 sections 4 and 5; libcurl writes HTTP/2 and HTTP/3 answers in the same form.
"""

from typing import NamedTuple


class Head(NamedTuple):
    """One answer's first line and headers. line: as received; code 0: the line is not HTTP."""

    line: str
    code: int
    headers: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The last header of that name, in any case; "" when there is none."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")

    @property
    def reason(self) -> str:
        """The status in words: "404 Not Found", or the bare code of HTTP/2."""
        return self.line.partition(" ")[2].strip() or str(self.code)


def from_head(lines: list[bytes]) -> Head:
    """A header block as it came line by line; nothing a server sends raises anything."""
    texts = [line.decode("latin-1").rstrip("\r\n") for line in lines]
    first = texts[0] if texts else ""
    headers: list[tuple[str, str]] = []
    for text in texts[1:]:
        if text[:1] in (" ", "\t") and headers:  # an obsolete folded line
            headers[-1] = headers[-1][0], f"{headers[-1][1]} {text.strip()}"
        elif ":" in text:
            name, _, value = text.partition(":")
            headers.append((name.strip(), value.strip()))
    words = first.split(None, 2)
    code = words[1] if len(words) > 1 and words[0].startswith("HTTP/") else ""
    return Head(first, int(code) if len(code) == 3 and code.isascii() and code.isdigit() else 0, tuple(headers))
