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
    people_so_far: str
    since: str
    last_seen: str
    until: str
    next_probe: str
    ends: str
    for_whom: str
    code: str
    what_to_do: str
    look_further: str
    once: str
    still_open: str
    open_for: str
    digest: str
    digest_head: str
    digest_more: str
    digest_each_day: str
    test: str
    test_body: str
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
    people_so_far="Betroffene Personen bis jetzt",
    since="Seit",
    last_seen="Zuletzt bemerkt",
    until="Behoben",
    next_probe="Nächster eigener Versuch",
    ends="Wird endgültig angehalten, wenn es so bleibt",
    for_whom="Zu erledigen von",
    code="Ursache",
    what_to_do="Was zu tun ist:",
    look_further="Mehr dazu zeigt dem Betrieb:",
    once="Diese Nachricht kommt einmal je Ursache; wenn das Problem behoben ist, folgt eine zweite.",
    still_open="Immer noch offen",
    open_for="Dieses Problem ist seit mehr als {} Stunden offen:",
    digest="Tagesübersicht",
    digest_head="Offene Probleme: {}; das älteste seit {}.",
    digest_more="und {} weitere",
    digest_each_day="Diese Übersicht kommt einmal am Tag, solange etwas offen ist.",
    test="Probe",
    test_body="Dies ist eine Probe, die der Betrieb ausgelöst hat. Die Meldungen dieses Mandanten kommen an; "
    "zu tun ist nichts.",
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
    people_so_far="People concerned so far",
    since="Since",
    last_seen="Last noticed",
    until="Resolved",
    next_probe="Next probe of our own",
    ends="Is stopped for good, if nothing changes",
    for_whom="To be done by",
    code="Cause",
    what_to_do="What to do:",
    look_further="Your operator sees more with:",
    once="This message comes once per cause; a second one follows when the problem is over.",
    still_open="Still open",
    open_for="This problem has been open for more than {} hours:",
    digest="Daily digest",
    digest_head="Open problems: {}; the oldest since {}.",
    digest_more="and {} more",
    digest_each_day="This digest comes once a day, as long as something is open.",
    test="Test",
    test_body="This is a test that the operator asked for. Messages about this tenant arrive; there is "
    "nothing to do.",
    addressees=ADDRESSEES[Language.EN],
)


def phrases(language: Language) -> Phrases:
    """Choose the phrases of a language."""
    return _GERMAN if language is Language.DE else _ENGLISH
