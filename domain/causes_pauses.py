"""Why a tenant rests, and what brings it back."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code

PAUSES: Mapping[Code, Cause] = {
    Code.TENANT_PAUSED: Cause(
        Addressee.OPERATOR,
        Severity.NOTICE,
        Words(
            "Die automatische Synchronisation wurde von Hand pausiert; Läufe von Hand gehen weiter.",
            "Setzen Sie sie fort, sobald der Grund vorbei ist: staffetta resume TENANT.",
        ),
        Words(
            "The automatic sync was paused by hand; runs by hand go on.",
            "Resume it as soon as the reason is over: staffetta resume TENANT.",
        ),
        opens_incident=False,
    ),
    Code.PAUSE_RUNS: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Drei vollständige Läufe nacheinander sind gescheitert; die automatische Synchronisation ist "
            "pausiert, niemand wurde deaktiviert.",
            "Beheben Sie den genannten Grund; ein sauberer Lauf von Hand setzt sie fort: staffetta sync "
            "TENANT. "
            "Sonst probieren wir es selbst nach 6, 12 und 24 Stunden und dann täglich.",
        ),
        Words(
            "Three complete runs in a row failed; the automatic sync is paused, nobody was deactivated.",
            "Correct the named cause; a clean run by hand lets it go on: staffetta sync TENANT. Otherwise "
            "we probe "
            "by ourselves after 6, 12 and 24 hours, then daily.",
        ),
    ),
    Code.PAUSE_ERRORS: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Mehr als zwei Fünftel der Änderungen eines Laufs wurden endgültig abgelehnt; die automatische "
            "Synchronisation ist pausiert.",
            "Beheben Sie, was die Gründe nennen, und reihen Sie die Änderungen wieder ein: staffetta "
            "letters requeue TENANT --all. Sonst probieren wir fünf davon selbst nach 6, 12 und 24 Stunden, "
            "dann "
            "täglich.",
        ),
        Words(
            "More than two fifths of the changes of one run died; the automatic sync is paused.",
            "Correct what the causes name and requeue the changes: staffetta letters requeue TENANT --all. "
            "Otherwise we "
            "try five of them by ourselves after 6, 12 and 24 hours, then daily.",
        ),
    ),
    Code.PAUSE_STRICT: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Bei der Synchronisation ist ein Fehler aufgetreten; sie ist pausiert, bis er behoben ist, wie "
            "es für diesen Mandanten verlangt wird.",
            "Beheben Sie den genannten Grund und starten Sie einen Lauf von Hand: Ist er sauber, geht es von "
            "selbst weiter: staffetta sync TENANT.",
        ),
        Words(
            "An error occurred during the sync; it is paused until that is fixed, as this tenant asks for.",
            "Correct the named cause and start a run by hand: if it is clean, everything goes on by itself: "
            "staffetta sync TENANT.",
        ),
    ),
    Code.PAUSE_ENDING: Cause(
        Addressee.OWNER,
        Severity.WARNING,
        Words(
            "Die Synchronisation ruht seit drei Wochen; in einer Woche wird sie beendet.",
            "Beheben Sie den Grund, aus dem sie ruht (staffetta tenant show TENANT), oder lassen Sie sie "
            "enden, "
            "wenn sie nicht mehr gebraucht wird.",
        ),
        Words(
            "The sync has been resting for three weeks; in a week it ends.",
            "Correct why it rests (staffetta tenant show TENANT), or let it end if it is not needed any "
            "more.",
        ),
    ),
    Code.PAUSE_ENDED: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Die Synchronisation hat 28 Tage geruht und ist beendet; nichts wird mehr gelesen oder "
            "geschrieben.",
            "Beheben Sie den Grund und setzen Sie sie von Hand fort: staffetta resume TENANT.",
        ),
        Words(
            "The sync rested for 28 days and has ended; nothing is read or written any more.",
            "Correct the reason and let it go on by hand: staffetta resume TENANT.",
        ),
    ),
    Code.LEAVERS_WAIT: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Konten von Ausgeschiedenen bleiben offen, weil die Synchronisation gerade nichts schreibt.",
            "Sehen Sie nach, warum sie steht (staffetta tenant show TENANT), und setzen Sie sie fort; bis "
            "dahin "
            "deaktivieren Sie dringende Konten von Hand.",
        ),
        Words(
            "Accounts of leavers stay open because the sync writes nothing at present.",
            "Find out why it stands still (staffetta tenant show TENANT) and let it go on; until then "
            "close urgent "
            "accounts by hand.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_DOWN: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung antwortet seit mehr als zwei Stunden nicht; die Änderungen warten.",
            "Prüfen Sie Adresse, Netz und Betriebszustand der Zielanwendung; sobald sie antwortet, geht "
            "alles von selbst weiter.",
        ),
        Words(
            "The target application has not answered for more than two hours; the changes wait.",
            "Check address, network and health of the target application; as soon as it answers, everything "
            "goes on by itself.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
}
