"""What humans fixed about single people, whatever the records say."""

from collections.abc import Mapping

from domain.cause import Cause, Words
from domain.causes_decided import told
from domain.codes import Code

OVERRIDES: Mapping[Code, Cause] = {
    Code.UNDO_OVERRIDDEN: told(
        Words(
            "Für diese Person gilt eine Ausnahme, die dem widerspricht; es wurde nichts geändert.",
            "Lesen Sie die Ausnahmen mit «staffetta override TENANT --list», und beenden Sie zuerst, was "
            "nicht mehr gelten soll.",
        ),
        Words(
            "An override of this person says otherwise; nothing was changed.",
            "Look with «staffetta override TENANT --list», and end first what is over.",
        ),
    ),
    Code.OVERRIDE_PINNED_ACTIVE: told(
        Words(
            "Das Konto bleibt offen, weil es jemand so festgelegt hat, auch wenn Personio anderes sagt.",
            "Lassen Sie es dabei, oder beenden Sie die Ausnahme: staffetta override TENANT PERSON "
            "--end pin-active.",
        ),
        Words(
            "The account stays open because somebody said so, even if Personio says otherwise.",
            "Leave it, or end the override: staffetta override TENANT PERSON --end pin-active.",
        ),
    ),
    Code.OVERRIDE_PINNED_INACTIVE: told(
        Words(
            "Das Konto ist gesperrt, weil es jemand so festgelegt hat, auch wenn Personio anderes sagt.",
            "Lassen Sie es dabei, oder beenden Sie die Ausnahme: staffetta override TENANT PERSON "
            "--end pin-inactive.",
        ),
        Words(
            "The account is closed because somebody said so, even if Personio says otherwise.",
            "Leave it, or end the override: staffetta override TENANT PERSON --end pin-inactive.",
        ),
    ),
    Code.OVERRIDE_IGNORED: told(
        Words(
            "Diese Person wird nicht angefasst, weil es jemand so festgelegt hat.",
            "Lassen Sie es dabei, oder beenden Sie die Ausnahme: staffetta override TENANT PERSON "
            "--end ignore.",
        ),
        Words(
            "This person is left alone because somebody said so.",
            "Leave it, or end the override: staffetta override TENANT PERSON --end ignore.",
        ),
    ),
    Code.OVERRIDE_FROZEN: told(
        Words(
            "Ein Feld dieses Kontos wird nicht geändert, weil es jemand so festgelegt hat.",
            "Lassen Sie es dabei, oder beenden Sie die Ausnahme: staffetta override TENANT PERSON "
            "--end freeze.",
        ),
        Words(
            "A field of this account is not changed because somebody said so.",
            "Leave it, or end the override: staffetta override TENANT PERSON --end freeze.",
        ),
    ),
    Code.OVERRIDE_ON_HOLD: told(
        Words(
            "Änderungen dieser Person warten bis zu einem Tag, den jemand festgelegt hat.",
            "Warten Sie auf jenen Tag, oder beenden Sie die Ausnahme: staffetta override TENANT PERSON "
            "--end hold-until.",
        ),
        Words(
            "Changes of this person wait for a day that somebody named.",
            "Wait for that day, or end the override: staffetta override TENANT PERSON --end hold-until.",
        ),
    ),
}
