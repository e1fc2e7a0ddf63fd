"""Status lines, header blocks and status maps of HTTP, as broken as servers send them.

HTTP/1.1 200 OK
Content-Type: text/html

Source: RFC 9112 sections 4 and 5; libcurl writes HTTP/2 and HTTP/3 answers in the same form.
"""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.certificate import MONTHS, instant, plain

REDIRECTS = (301, 302, 303, 307, 308)  # status codes whose Location is where to ask instead


class Head(NamedTuple):
    """One answer's first line and headers."""

    line: str  # as received
    code: int  # 0: the line is not HTTP
    headers: tuple[tuple[str, str], ...] = ()  # names and values

    def get(self, name: str) -> str:
        """The last header of that name, in any case; "" when there is none."""
        return next(
            (value for key, value in reversed(self.headers) if key.lower() == name.lower()), ""
        )

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
    return Head(
        first,
        int(code) if len(code) == 3 and code.isascii() and code.isdigit() else 0,
        tuple(headers),
    )


def from_date(text: str) -> float | None:
    """Seconds since 1970 of a date in a header; None for what is none.

    All three forms of RFC 9110 section 5.6.7 are read.
    """
    words = text.replace(":", " ").replace("-", " ").split()
    if len(words) == 8 and words[7] == "GMT":
        # Sun, 06 Nov 1994 08 49 37 GMT; Sunday, 06 Nov 94 08 49 37 GMT
        day, month, year, *clock = words[1:7]
    elif len(words) == 7:  # Sun Nov  6 08 49 37 1994
        month, day, *clock, year = words[1:]
    else:
        return None
    if month not in MONTHS or not plain([day, year, *clock]) or len(year) not in (2, 4):
        return None
    century = 0 if len(year) == 4 else 1900 if int(year) >= 70 else 2000
    return instant(
        century + int(year), MONTHS.index(month) + 1, int(day), *(int(word) for word in clock)
    )


def from_status_map(text: str) -> tuple[tuple[int, int, str], ...]:
    """`401=ok,404=critical,300-399=warning` as first code, last code and state word.

    The first entry that fits counts.
    """
    entries = []
    for item in text.split(","):
        codes, separator, state = item.strip().partition("=")
        first, _, last = codes.partition("-")
        both = [
            part
            for part in (first, last or first)
            if len(part) == 3 and part.isascii() and part.isdigit()
        ]
        if not separator or len(both) != 2 or both[0] > both[1]:
            raise Unreadable(
                f"{item[:40]!r} is not a status map; write it as 401=ok,300-399=warning"
            )
        entries.append((int(both[0]), int(both[1]), state.strip()))
    return tuple(entries)
