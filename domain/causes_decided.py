"""What humans, and refusals, decided about single people, and what an undo leaves alone."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code


def told(de: Words, en: Words) -> Cause:
    """Make an entry about something that somebody decided: worth knowing, and no incident."""
    return Cause(Addressee.OPERATOR, Severity.NOTICE, de, en, opens_incident=False, concerns=Concerns.PEOPLE)


_END_DE = "Lassen Sie es dabei, oder beenden Sie die Entscheidung: staffetta decisions TENANT --end PERSON."
_END_EN = "Leave it, or end the decision: staffetta decisions TENANT --end PERSON."

DECIDED: Mapping[Code, Cause] = {
    Code.DECIDED_REFUSED: told(
        Words(
            "Die Zielanwendung hat dieselbe Änderung abgelehnt; sie wird einmal am Tag neu versucht.",
            "Lesen Sie den Grund mit «staffetta letters TENANT», beheben Sie ihn und versuchen Sie es "
            "sofort neu: staffetta letters requeue TENANT --all.",
        ),
        Words(
            "The target application refused the same change; it is tried again once a day.",
            "Look why with «staffetta letters TENANT», cure it, and try again at once: staffetta letters "
            "requeue TENANT --all.",
        ),
    ),
    Code.DECIDED_REJECTED: told(
        Words("Jemand hat dieselbe Änderung abgelehnt; sie wird 90 Tage lang nicht gemacht.", _END_DE),
        Words("Somebody said no to the same change; it is not made for 90 days.", _END_EN),
    ),
    Code.DECIDED_UNDONE: told(
        Words("Jemand hat dieselbe Änderung zurückgenommen; sie wird 90 Tage lang nicht gemacht.", _END_DE),
        Words("Somebody undid the same change; it is not made again for 90 days.", _END_EN),
    ),
}

UNDO: Mapping[Code, Cause] = {
    Code.UNDO_ASKED: told(
        Words(
            "Jemand nimmt zurück, was ein früherer Lauf getan hat.",
            "Lassen Sie es dabei; der Lauf nennt, wer es verlangt hat.",
        ),
        Words(
            "Somebody takes back what an earlier run did.",
            "Leave it; the run names who asked for it.",
        ),
    ),
    Code.UNDO_CHANGED_SINCE: told(
        Words(
            "Seit jenem Lauf hat sich an diesem Konto etwas geändert; es wurde nicht zurückgesetzt.",
            "Prüfen Sie mit «staffetta person TENANT PERSON», was seither geschah, und nehmen Sie zuerst "
            "den späteren Lauf zurück.",
        ),
        Words(
            "Something of this account has changed since that run; it was not put back.",
            "Check what happened since with «staffetta person TENANT PERSON», and undo the later run first.",
        ),
    ),
    Code.UNDO_UNDER_WAY: told(
        Words(
            "Für diese Person steht eine andere Änderung noch aus; es wurde nichts zurückgesetzt.",
            "Warten Sie, bis sie erledigt ist, oder entscheiden Sie sie (staffetta holds TENANT), und "
            "wiederholen Sie das Zurücknehmen.",
        ),
        Words(
            "Another change of this person is still open; nothing was put back.",
            "Wait until it is settled, or decide it (staffetta holds TENANT), and undo again.",
        ),
    ),
    Code.UNDO_TOO_OLD: told(
        Words(
            "Dieser Lauf ist länger als 30 Tage her; die Werte von davor sind nicht mehr gespeichert.",
            "Ändern Sie das Konto in der Zielanwendung von Hand, oder die Daten in Personio.",
        ),
        Words(
            "This run is more than 30 days ago; the values from before it are not kept any more.",
            "Correct the account in the target application by hand, or the data in Personio.",
        ),
    ),
    Code.UNDO_FOUND_ACCOUNT: told(
        Words(
            "Das Konto war schon da, und niemand hat festgehalten, was vorher darin stand; es bleibt, wie es "
            "ist.",
            "Ändern Sie das Konto in der Zielanwendung von Hand.",
        ),
        Words(
            "The account was there already, and nobody kept what stood in it before; it stays as it is.",
            "Correct the account in the target application by hand.",
        ),
    ),
}
