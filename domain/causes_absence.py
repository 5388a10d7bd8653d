"""What can be the matter with people who are missing, and with removals that wait."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code

ABSENCE: Mapping[Code, Cause] = {
    Code.GUARD_UNIT: Cause(
        Addressee.OWNER,
        Severity.WARNING,
        Words(
            "Aus einer ganzen Gesellschaft, Abteilung oder einem ganzen Standort ist in Personio niemand "
            "mehr zu sehen; die Konten dieser Personen bleiben offen, bis Sie entscheiden.",
            "Prüfen Sie in Personio unter Marketplace → Verbundene Integrationen → Ihre Integration, ob der "
            "Zugriff auf Gesellschaften eingeschränkt wurde; sind die Personen wirklich gelöscht, geben Sie "
            "die Änderungen frei, sonst lehnen Sie sie ab.",
        ),
        Words(
            "Nobody of a whole legal entity, office or department is visible in Personio any more; the "
            "accounts of these people stay open until you decide.",
            "Check under Marketplace → Connected integrations → your integration in Personio whether the "
            "access was limited to certain legal entities; if the people were really deleted, approve the "
            "changes, otherwise reject them.",
        ),
        concerns=Concerns.PEOPLE,
        asks=True,
    ),
    Code.REMOVAL_WAITS: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Das Konto wird erst geschlossen, wenn die eingestellte Wartezeit vorbei ist.",
            "Lassen Sie es dabei; kommt die Person in Personio zurück, bleibt das Konto von selbst offen.",
        ),
        Words(
            "The account is closed only when the waiting time that was set is over.",
            "Leave it; if the person comes back in Personio, the account stays open by itself.",
        ),
        opens_incident=False,
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.REMOVAL_UNCONFIRMED: Cause(
        Addressee.OPERATOR,
        Severity.NOTICE,
        Words(
            "Das Konto sollte geschlossen werden, doch was Personio dazu gesagt hat, ist über eine Stunde "
            "alt, und jetzt gibt Personio keine klare Antwort.",
            "Warten Sie ab: Alle fünf Minuten wird nachgefragt, und auch der nächste Lauf kann es "
            "bestätigen. Eilt es, schließen Sie das Konto in der Anwendung selbst.",
        ),
        Words(
            "The account was to be closed, but what Personio said of it is more than an hour old, and now "
            "Personio gives no clear answer.",
            "Wait: Personio is asked every five minutes, and the next run may confirm it as well. If it is "
            "urgent, close the account in the application yourself.",
        ),
        opens_incident=False,
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
}
