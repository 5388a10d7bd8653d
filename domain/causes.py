"""The catalogue of causes: each code in German and English, with its cure; pages and mails speak from it."""

import re
from collections.abc import Mapping

from domain.cause import Addressee, Cause, Language, Told, Words
from domain.causes_absence import ABSENCE
from domain.causes_attributes import ATTRIBUTES
from domain.causes_decided import DECIDED, UNDO
from domain.causes_guards import GUARDS
from domain.causes_identity import IDENTITIES
from domain.causes_notices import NOTICES
from domain.causes_overrides import OVERRIDES
from domain.causes_own import OWN
from domain.causes_pauses import PAUSES
from domain.causes_person import NAMES, PERSON
from domain.causes_source import FEED, SOURCE
from domain.causes_stored import FORBIDDEN, UNFIT
from domain.causes_target import TARGET
from domain.codes import Code
from domain.details import in_german
from domain.labels import LABELS, labelled
from domain.plain import one_line, without_addresses

CATALOGUE: Mapping[Code, Cause] = {
    **SOURCE,
    **ATTRIBUTES,
    **FEED,
    **TARGET,
    **PERSON,
    **NAMES,
    **IDENTITIES,
    **DECIDED,
    **UNDO,
    **OVERRIDES,
    **OWN,
    **FORBIDDEN,
    **UNFIT,
    **PAUSES,
    **ABSENCE,
    **GUARDS,
    **NOTICES,
}

FOR_A_HUMAN: frozenset[Code] = frozenset(code for code, cause in CATALOGUE.items() if cause.asks)
"""Causes of a hold that a human's yes lifts."""

LACKING = frozenset({Code.PERSON_WITHOUT_REQUIRED, Code.PERSON_SCOPE_UNKNOWN})
"""Causes of people who are left out for want of an attribute, which is named."""

CODES: frozenset[str] = frozenset(CATALOGUE)

LONGEST_DETAIL = 300
LONGEST_SPOKEN = 600
"""In another language a detail may be longer; cut it is before, so that a quotation ends as one."""

ADDRESSEES: Mapping[Language, Mapping[Addressee, str]] = {
    Language.DE: {
        Addressee.HR: "Personalabteilung in Personio",
        Addressee.OWNER: "Verantwortliche der Anwendung",
        Addressee.OPERATOR: "Betrieb",
    },
    Language.EN: {
        Addressee.HR: "HR in Personio",
        Addressee.OWNER: "owner of the application",
        Addressee.OPERATOR: "operator",
    },
}

_KEY = r"(?P<key>[a-z][\w.:]*)(?: «(?P<label>[^«»]*)»)?(?: \((?P<figures>\d+ → \d+)\))?"
_ONE = re.compile(_KEY)
_PLAIN = re.sub(r"\?P<\w+>", "", _KEY)
_PLACE = re.compile(r"\bTENANT\b")
_KEYS = re.compile(rf"(?P<keys>{_PLAIN}(?:, {_PLAIN})*)(?P<rest>: .+)?\Z")
"""Attributes in a detail: keys, or `domain.attributes.Lost.named`, which knows the company's own label."""


def cause_of(code: Code) -> Cause:
    """Look up the entry of a code; every code has one."""
    return CATALOGUE[code]


def language_of(name: str) -> Language:
    """Choose the language to speak: German where German is asked for (`de`, `de-AT`), else English."""
    return Language.DE if re.split("[-_]", name.strip().lower())[0] == Language.DE else Language.EN


def say(code: Code, language: str, detail: str = "") -> Told:
    """Say a cause to a human; an unknown language is answered in English.

    A detail is one line, cut, behind the sentence; attributes in it are called as Personio's screens do, a
    cause that is quoted in it is said in the same language, and so is what we say ourselves. What somebody
    else said is quoted to a German.
    """
    chosen = language_of(language)
    words = words_of(CATALOGUE[code], chosen)
    cut = one_line(without_addresses(detail), LONGEST_DETAIL)
    shown = one_line(unquoted(cut, chosen), LONGEST_SPOKEN).rstrip(". ")
    return Told(_sentence(words, chosen, shown), words.cure)


def quoted(code: Code, detail: str) -> str:
    """Write a failure down as the detail of a cause that tells of it, in no language yet; once is enough."""
    if not detail or detail.partition(": ")[0] == code:
        return detail or code.value
    return f"{code}: {detail}"


def unquoted(detail: str, language: Language) -> str:
    """Say what a detail quotes in the reader's language; what is neither ours nor theirs is a quotation."""
    code, _, rest = detail.partition(": ")
    if code in CODES:
        return say(Code(code), language, rest).sentence
    ours = language is Language.EN or not detail or _attributes(detail, language)[0]
    return detail if ours else in_german(detail.rstrip(". "))


def for_tenant(text: str, tenant_id: str) -> str:
    """Put the tenant's name where the words of a cause show a command with a placeholder."""
    return _PLACE.sub(lambda _: tenant_id, text) if tenant_id else text


def words_of(cause: Cause, language: Language) -> Words:
    """Choose the words of one language."""
    return cause.de if language is Language.DE else cause.en


def _sentence(words: Words, language: Language, detail: str) -> str:
    if not detail:
        return words.sentence
    named, rest = _attributes(detail, language) if words.naming else ((), "")
    if len(named) == 1 and not rest:
        return words.naming.format(named[0])
    told = ", ".join(named) + rest if named else detail
    return f"{words.sentence.rstrip('.')}: {told}."


def _attributes(detail: str, language: Language) -> tuple[tuple[str, ...], str]:
    found = _KEYS.match(detail)
    each = list(_ONE.finditer(found["keys"])) if found else []
    if found is None or not all(_is_attribute(one) for one in each):
        return (), ""
    return tuple(_named(one, language) for one in each), found["rest"] or ""


def _is_attribute(one: re.Match[str]) -> bool:
    known = one["key"].partition(".")[0] in LABELS or one["key"].startswith(("universal:", "dynamic_"))
    return known or one["label"] is not None


def _named(one: re.Match[str], language: Language) -> str:
    """Write an attribute as the company sees it: «Abteilung» (department, 480 → 12)."""
    key, label, figures = one["key"], one["label"], one["figures"]
    called = f"«{label}» ({key})" if label else labelled(key, language)
    if not figures:
        return called
    return f"{called.removesuffix(')')}, {figures})" if called.endswith(")") else f"{called} ({figures})"


def render_catalogue() -> str:
    """Write the whole catalogue as the page `docs/runbooks/causes.md`."""
    head = (
        "# Causes and cures\n\n"
        "Every failure, skip and hold names one of these causes. This page is generated from the catalogue\n"
        "in `domain/`; change the words there.\n"
    )
    return head + "".join(_section(code, CATALOGUE[code]) for code in Code)


def _section(code: Code, cause: Cause) -> str:
    facts = [f"severity: {cause.severity}", f"for: {ADDRESSEES[Language.EN][cause.addressee]}"]
    facts.append("opens an incident" if cause.opens_incident else "opens no incident")
    facts += ["may pass by itself"] if cause.temporary else []
    facts += ["waits for a yes or a no"] if cause.asks else []
    return (
        f"\n## `{code}`\n\n{' · '.join(facts)}\n\n"
        f"- **en** {cause.en.sentence}\n  *{cause.en.cure}*\n"
        f"- **de** {cause.de.sentence}\n  *{cause.de.cure}*\n"
    )
