"""Say in German what our own details say; whatever is not ours is quoted as it came."""

import re
from functools import lru_cache

from domain.details_german import GERMAN
from domain.details_german_rows import ROWS_GERMAN, TERMS

_CODE = r"[a-z]+\.[a-z.-]+"
_ALIKE = re.compile(
    rf"HTTP \d{{3}}|[\d:., %→×+TZ-]*|{_CODE}(?: × \d+)?(?:, {_CODE} × \d+)*|[A-Z]\w*(?:Error|Exception)"
    r"|(?:email|file|log|slack|webhook)(?:, (?:email|file|log|slack|webhook))*"
)
"""Figures, moments, codes, kinds of failures and names of channels read alike in both languages."""

_TRIED = re.compile(r"(?P<rest>.+); tried (?P<times>\d+) times")
_SOME = re.compile(r"(?P<some>\d+) of (?P<all>\d+): (?P<rest>.+)")
_SIDE = re.compile(r"(?P<side>source|target): (?P<rest>.+)")
_ANSWER = re.compile(r"(?P<status>HTTP \d{3}): (?P<rest>.+)")
_MEDIA = re.compile(r"(?P<rest>.+) \((?P<media>a web page|plain text)\)")
_MEDIAS = {"a web page": "eine Webseite", "plain text": "reiner Text"}
_SIDES = {"source": "Personio", "target": "Anwendung"}
_ASKED = re.compile(r"(?P<what>(?:GET|POST|PUT|PATCH|DELETE) \S+): (?P<rest>.+)")
_GROUP = re.compile(r"\\(\d)")
_OURS = tuple((re.compile(pattern), words) for pattern, words in (*GERMAN, *ROWS_GERMAN))


@lru_cache(maxsize=1024)
def in_german(detail: str) -> str:
    """Say a detail in German: translated if it is one of ours, else as a quotation that says it is one."""
    if found := _TRIED.fullmatch(detail):
        return f"{in_german(found['rest'])}; {found['times']}-mal versucht"
    if found := _SOME.fullmatch(detail):
        return f"{found['some']} von {found['all']}: {in_german(found['rest'])}"
    if found := _SIDE.fullmatch(detail):
        return f"{_SIDES[found['side']]}: {in_german(found['rest'])}"
    if found := _ASKED.fullmatch(detail):
        return f"{found['what']}: {in_german(found['rest'])}"
    if ours := _translated(detail):
        return ours
    if all(parts := [_translated(part) for part in detail.split("; ")]):
        return "; ".join(filter(None, parts))
    if found := _ANSWER.fullmatch(detail):
        rest = _translated(found["rest"])
        return f"{found['status']}: {rest}" if rest else f"{found['status']}, {_quotation(found['rest'])}"
    return _quotation(detail)


def _translated(detail: str) -> str | None:
    """Find the words for one of our own details; None for what somebody else said."""
    if found := _MEDIA.fullmatch(detail):
        rest = _translated(found["rest"])
        return f"{rest} ({_MEDIAS[found['media']]})" if rest else None
    if _ALIKE.fullmatch(detail):
        return detail
    for pattern, words in _OURS:
        if found := pattern.fullmatch(detail):
            return _GROUP.sub(lambda group: _term(found, int(group[1])), words).strip()
    return None


def _term(found: re.Match[str], group: int) -> str:
    """Say what a pattern found; words of a closed set are said in German as well."""
    return TERMS.get(found[group], found[group])


def _quotation(text: str) -> str:
    inside = text.replace("«", "‹").replace("»", "›")
    return f"im Wortlaut: «{inside}»"
