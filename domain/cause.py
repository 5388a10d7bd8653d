"""What one cause says: to whom, how loudly, in two languages, and what cures it."""

from dataclasses import dataclass
from enum import StrEnum


class Addressee(StrEnum):
    """Name who can do something about a cause."""

    HR = "hr"
    OWNER = "owner"
    OPERATOR = "operator"


class Severity(StrEnum):
    """Name how loudly a cause is told: worth knowing, worth a look, something did not happen."""

    NOTICE = "notice"
    WARNING = "warning"
    FAILURE = "failure"


class Concerns(StrEnum):
    """Name what the count of an incident counts: people, or nothing that a reader would count."""

    PEOPLE = "people"
    TENANT = "tenant"


class Language(StrEnum):
    """Name the languages that we speak."""

    DE = "de"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """Say a cause in one language.

    `naming` is the sentence for a detail that is exactly one attribute; `{}` stands for that attribute.
    """

    sentence: str
    cure: str
    naming: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of the catalogue.

    `opens_incident` holds when a row is held or a row or run ends by this cause; for a temporary cause that
    is after the last try. `temporary` means that the same thing may go well later without a human.
    `asks` means that a row held by this cause waits for a human, whose yes lets it go; every other hold is
    judged anew by each run and goes away with its cause, and no yes would make it work.
    """

    addressee: Addressee
    severity: Severity
    de: Words
    en: Words
    opens_incident: bool = True
    temporary: bool = False
    concerns: Concerns = Concerns.TENANT
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A cause as it is shown to a human: what happened, and what to do."""

    sentence: str
    cure: str
