"""Read the filter language of RFC 7644 §3.4.2.2 into a tree, and write a tree back as text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never, cast

import msgspec

Operator: TypeAlias = Literal["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
Scalar: TypeAlias = str | int | float | bool | None

OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
DEEPEST = 40
LONGEST = 600


class FilterSyntaxError(ValueError):
    """Tell that a text is no filter; the message names the place, never a value."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Hold `path op value`."""

    path: str
    operator: Operator
    value: Scalar


@dataclass(frozen=True, slots=True)
class Present:
    """Hold `path pr`."""

    path: str


@dataclass(frozen=True, slots=True)
class Both:
    """Hold `left and right`."""

    left: "Filter"
    right: "Filter"


@dataclass(frozen=True, slots=True)
class Either:
    """Hold `left or right`."""

    left: "Filter"
    right: "Filter"


@dataclass(frozen=True, slots=True)
class Neither:
    """Hold `not (inner)`."""

    inner: "Filter"


@dataclass(frozen=True, slots=True)
class Within:
    """Hold `path[inner]`: one value of the path fulfils all of inner."""

    path: str
    inner: "Filter"


Filter: TypeAlias = Compare | Present | Both | Either | Neither | Within


@dataclass(frozen=True, slots=True)
class PatchPath:
    """Hold the path of a PATCH operation: `path`, `path[filter]` or `path[filter].part`."""

    path: str
    chosen: Filter | None = None
    part: str | None = None


def parse_filter(text: str) -> Filter:
    """Read a whole filter; what is left over is an error."""
    return _Parser(text).whole_filter()


def parse_path(text: str) -> PatchPath:
    """Read a PATCH path, which shares the brackets with filters."""
    return _Parser(text).whole_path()


def render(node: Filter) -> str:
    """Write a tree as text that reads back as the same tree."""
    match node:
        case Compare():
            return f"{node.path} {node.operator} {msgspec.json.encode(node.value).decode()}"
        case Present():
            return f"{node.path} pr"
        case Both():
            return f"({render(node.left)}) and ({render(node.right)})"
        case Either():
            return f"({render(node.left)}) or ({render(node.right)})"
        case Neither():
            return f"not ({render(node.inner)})"
        case Within():
            return f"{node.path}[{render(node.inner)}]"
        case _:
            assert_never(node)


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.:$-])
      | (?P<word>[A-Za-z.$][\w.:$-]*)
      | (?P<mark>[()\[\]])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


_END = _Token("end", "", -1)


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise FilterSyntaxError(f"position {at} holds nothing that a filter may hold")
        yield _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))
        at = found.end()


class _Parser:
    """Walk the tokens by recursive descent: or binds weakest, then and, then not."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        if len(self._tokens) > LONGEST:
            raise FilterSyntaxError(f"the filter has more than {LONGEST} words")
        self._next = 0
        self._depth = 0

    def whole_filter(self) -> Filter:
        node = self._either()
        self._finish()
        return node

    def whole_path(self) -> PatchPath:
        path = self._path()
        if not self._takes("["):
            self._finish()
            return PatchPath(path)
        chosen = self._bracketed()
        part = self._part() if self._peek().text.startswith(".") else None
        self._finish()
        return PatchPath(path, chosen, part)

    def _either(self) -> Filter:
        node = self._both()
        while self._takes_word("or"):
            node = Either(node, self._both())
        return node

    def _both(self) -> Filter:
        node = self._term()
        while self._takes_word("and"):
            node = Both(node, self._term())
        return node

    def _term(self) -> Filter:
        if self._takes_word("not"):
            self._expect("(")
            return Neither(self._grouped())
        if self._takes("("):
            return self._grouped()
        path = self._path()
        return self._valued(path) if self._takes("[") else self._comparison(path)

    def _grouped(self) -> Filter:
        return self._nested(")")

    def _bracketed(self) -> Filter:
        return self._nested("]")

    def _nested(self, closing: str) -> Filter:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FilterSyntaxError(f"the filter nests deeper than {DEEPEST} levels")
        node = self._either()
        self._expect(closing)
        self._depth -= 1
        return node

    def _valued(self, path: str) -> Filter:
        inner = self._bracketed()
        if not self._peek().text.startswith("."):
            return Within(path, inner)
        # `emails[type eq "work"].value eq "x"` is not in the RFC's grammar, but what the large senders use.
        return Within(path, Both(inner, self._comparison(self._part())))

    def _comparison(self, path: str) -> Filter:
        word = self._take("word").text.lower()
        if word == "pr":
            return Present(path)
        if word not in OPERATORS:
            raise FilterSyntaxError("an operator (eq, ne, co, sw, ew, pr, gt, ge, lt, le) must follow a path")
        return Compare(path, cast("Operator", word), self._literal())

    def _literal(self) -> Scalar:
        token = self._take("string", "number", "word")
        text = token.text.lower() if token.kind == "word" else token.text
        try:
            return cast("Scalar", msgspec.json.decode(text))
        except msgspec.DecodeError as error:
            raise FilterSyntaxError(f"position {token.at} should hold a JSON value") from error

    def _path(self) -> str:
        token = self._take("word")
        if token.text.startswith(".") or token.text.endswith((".", ":")):
            raise FilterSyntaxError(f"position {token.at} should hold an attribute path")
        return token.text

    def _part(self) -> str:
        name = self._take("word").text[1:]
        if not name or "." in name:
            raise FilterSyntaxError("a sub-attribute name should follow the brackets")
        return name

    def _peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else _END

    def _take(self, *kinds: str) -> _Token:
        token = self._peek()
        if token.kind not in kinds:
            raise FilterSyntaxError(f"a {' or '.join(kinds)} is missing at token {self._next + 1}")
        self._next += 1
        return token

    def _takes(self, mark: str) -> bool:
        if self._peek().text != mark or self._peek().kind != "mark":
            return False
        self._next += 1
        return True

    def _takes_word(self, word: str) -> bool:
        if self._peek().kind != "word" or self._peek().text.lower() != word:
            return False
        self._next += 1
        return True

    def _expect(self, mark: str) -> None:
        if not self._takes(mark):
            raise FilterSyntaxError(f"a {mark} is missing at token {self._next + 1}")

    def _finish(self) -> None:
        if self._peek() is not _END:
            raise FilterSyntaxError(f"nothing may follow at token {self._next + 1}")
