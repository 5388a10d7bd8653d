"""The fixed phrases of a notice, in German and English."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.cause import Addressee, Language, Severity
from domain.causes import ADDRESSEES


@dataclass(frozen=True, slots=True)
class Phrases:
    """Everything in a notice that is not the cause itself."""

    severities: Mapping[Severity, str]
    resolved: str
    over: str
    tenant: str
    people: str
    since: str
    last_seen: str
    until: str
    for_whom: str
    code: str
    what_to_do: str
    look_further: str
    once: str
    addressees: Mapping[Addressee, str]


_GERMAN = Phrases(
    severities={
        Severity.NOTICE: "Hinweis",
        Severity.WARNING: "Bitte prüfen",
        Severity.FAILURE: "Bitte handeln",
    },
    resolved="Erledigt",
    over="Dieses Problem ist behoben; Sie müssen nichts mehr tun. Es ging um Folgendes:",
    tenant="Mandant",
    people="Betroffene Personen",
    since="Seit",
    last_seen="Zuletzt bemerkt",
    until="Behoben",
    for_whom="Zu erledigen von",
    code="Ursache",
    what_to_do="Was zu tun ist:",
    look_further="Mehr dazu zeigt dem Betrieb:",
    once="Diese Nachricht kommt einmal je Ursache; wenn das Problem behoben ist, folgt eine zweite.",
    addressees=ADDRESSEES[Language.DE],
)

_ENGLISH = Phrases(
    severities={
        Severity.NOTICE: "For your information",
        Severity.WARNING: "Please look",
        Severity.FAILURE: "Please act",
    },
    resolved="Resolved",
    over="This problem is over; there is nothing left to do. It was this:",
    tenant="Tenant",
    people="People concerned",
    since="Since",
    last_seen="Last noticed",
    until="Resolved",
    for_whom="To be done by",
    code="Cause",
    what_to_do="What to do:",
    look_further="Your operator sees more with:",
    once="This message comes once per cause; a second one follows when the problem is over.",
    addressees=ADDRESSEES[Language.EN],
)


def phrases(language: Language) -> Phrases:
    """Choose the phrases of a language."""
    return _GERMAN if language is Language.DE else _ENGLISH
