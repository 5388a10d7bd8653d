"""What can be the matter with a tenant, its configuration, or with ourselves."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code

OWN: Mapping[Code, Cause] = {
    Code.DELETION_AHEAD: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Geschlossene Konten werden an ihrem Stichtag endgültig gelöscht, wie es die Einstellungen "
            "verlangen.",
            "Nehmen Sie vorher von der Liste, wer sein Konto behalten soll: staffetta deletions TENANT.",
        ),
        Words(
            "Closed accounts will be removed for good on their day, as the settings ask.",
            "Take whoever shall keep the account off the list before: staffetta deletions TENANT.",
        ),
    ),
    Code.DELETION_UNCONFIRMED: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Das geschlossene Konto wird noch nicht gelöscht: Personio wurde nach der Person gefragt und hat "
            "keine klare Antwort gegeben.",
            "Lassen Sie es dabei; es wird stündlich wieder gefragt. Hält es an, prüfen Sie die "
            "Verbindung: staffetta check TENANT.",
        ),
        Words(
            "The closed account is not removed yet: Personio was asked about the person and gave no clear "
            "answer.",
            "Leave it; it is asked again every hour. If it lasts, check the connection: staffetta check "
            "TENANT.",
        ),
        opens_incident=False,
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.TENANT_NOT_ACTIVE: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Die Synchronisation ist noch nicht aktiviert; es wird gelesen und geplant, aber nichts "
            "geschrieben.",
            "Sehen Sie sich die Vorschau an und aktivieren Sie die Synchronisation, wenn sie stimmt.",
        ),
        Words(
            "The sync is not activated yet; it reads and plans, but writes nothing.",
            "Look at the preview and activate the sync if it is right.",
        ),
        opens_incident=False,
    ),
    Code.TENANT_STOPPED: Cause(
        Addressee.OPERATOR,
        Severity.NOTICE,
        Words(
            "Die Synchronisation wurde von Hand angehalten; offene Änderungen warten.",
            "Setzen Sie die Synchronisation fort, sobald der Grund für das Anhalten vorbei ist.",
        ),
        Words(
            "The sync was stopped by hand; open changes wait.",
            "Resume the sync as soon as the reason for stopping it is over.",
        ),
        opens_incident=False,
    ),
    Code.PLAN_STALE: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Seit der Freigabe haben sich Daten oder Einstellungen geändert; diese Änderung wurde nicht "
            "gesendet.",
            "Warten Sie kurz: Die Person wird neu angesehen; geben Sie frei, was der neue Plan dann zeigt.",
        ),
        Words(
            "Data or settings have moved since the approval; this change was not sent.",
            "Wait a moment: the person is looked at afresh; approve what the new plan shows then.",
        ),
        opens_incident=False,
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.CONFIG_CHANGED: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Die Einstellungen wurden geändert, während diese Änderung wartete; sie wurde nicht gesendet.",
            "Warten Sie kurz: Ein vollständiger Lauf mit den neuen Einstellungen wurde angefordert.",
        ),
        Words(
            "The settings were changed while this change was waiting; it was not sent.",
            "Wait a moment: a complete run with the new settings was asked for.",
        ),
        opens_incident=False,
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.APPROVAL_EXPIRED: Cause(
        Addressee.OWNER,
        Severity.WARNING,
        Words(
            "Eine freigegebene Änderung konnte eine Woche lang nicht ausgeführt werden; sie wurde nicht mehr "
            "gesendet.",
            "Warten Sie kurz: Die Person wird neu angesehen, und was noch nötig ist, wird neu geplant.",
        ),
        Words(
            "An approved change could not be carried out for a week; it was not sent any more.",
            "Wait a moment: the person is looked at afresh, and what is still needed is planned anew.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.CRASHED_TWICE: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Bei einer Änderung ist der Arbeitsprozess mehrfach abgestürzt; sie wird nicht mehr versucht, "
            "alle anderen laufen weiter.",
            "Suchen Sie im Protokoll nach der genannten Kennung, beheben Sie die Ursache und reihen Sie "
            "die Änderung wieder ein.",
        ),
        Words(
            "The worker process crashed repeatedly over one change; it is not tried any more, all others "
            "go on.",
            "Search the log for the given id, repair the cause and requeue the change.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.MESSAGE_UNKNOWN: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "In der Warteschlange lag eine Nachricht, die diese Version nicht lesen kann; sie liegt bei "
            "den unzustellbaren.",
            "Stellen Sie sicher, dass auf allen Rechnern dieselbe Version von Staffetta läuft; die "
            "Änderung selbst wird neu angestoßen.",
        ),
        Words(
            "The queue held a message that this version cannot read; it lies with the dead letters.",
            "Make sure that the same version of Staffetta runs on all machines; the change itself is rung "
            "again.",
        ),
    ),
    Code.STORE_AWAY: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Datenbank hat nicht rechtzeitig geantwortet oder ist voll; geschrieben wurde nichts.",
            "Sehen Sie mit «staffetta doctor» nach, ob sie läuft, ob sie beschreibbar ist und ob noch Platz "
            "ist; was fällig war, wird von selbst noch einmal versucht.",
        ),
        Words(
            "The database did not answer in time, or is full; nothing was written.",
            "Look with «staffetta doctor» whether it runs, can be written to and has room; what was due is "
            "tried again by itself.",
        ),
    ),
    Code.QUEUE_FILLING: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Der Speicher von Redis ist zu mehr als sieben Zehnteln belegt; ist er voll, nimmt die "
            "Warteschlange nichts mehr an.",
            "Sehen Sie mit «staffetta doctor» nach, ob alle Prozesse leben, und erhöhen Sie «maxmemory», "
            "oder räumen Sie auf, was sonst noch in diesem Redis liegt; verloren geht auch dann nichts.",
        ),
        Words(
            "More than seven tenths of the memory of Redis are in use; once it is full, the queue takes "
            "nothing any more.",
            "Look with «staffetta doctor» whether all processes live, and raise «maxmemory», or clear away "
            "what else lies in this Redis; even then nothing is lost.",
        ),
    ),
    Code.VALUE_UNREADABLE: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Was zu einer Änderung gespeichert war, lässt sich nicht mehr öffnen: Die Zeile wurde "
            "beschädigt oder vertauscht; gesendet wurde nichts.",
            "Sehen Sie nach, wer außer Staffetta in die Datenbank schreibt und ob ihre Platte gesund ist; "
            "der nächste vollständige Lauf plant die Änderung neu.",
        ),
        Words(
            "What was stored of a change does not open any more: the row was damaged or swapped; nothing was "
            "sent.",
            "Find out who else writes to the database, and whether its disk is healthy; the next complete "
            "run plans the change anew.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.INTERNAL: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "In Staffetta selbst ist ein Fehler aufgetreten.",
            "Suchen Sie im Protokoll nach der genannten Kennung und melden Sie den Fehler mit der Zeile, "
            "die dort steht.",
        ),
        Words(
            "An error happened in Staffetta itself.",
            "Search the log for the given id and report the error with the line that stands there.",
        ),
    ),
    Code.APPLY_HOURS: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Änderungen werden nur zu den eingestellten Zeiten geschrieben; bis dahin wartet diese.",
            "Warten Sie, oder stoßen Sie den Abgleich von Hand an, wenn es eilt: Er schreibt sofort.",
        ),
        Words(
            "Changes are written only at the hours that the settings name; until then this one waits.",
            "Wait, or ask for a sync by hand if it is urgent: it writes at once.",
        ),
        opens_incident=False,
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.NO_SUCCESS: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Seit mehr als zwei Intervallen ist kein Lauf erfolgreich zu Ende gegangen.",
            "Führen Sie «staffetta doctor» aus und beheben Sie, was es rot zeigt; sehen Sie dann den "
            "letzten Lauf an.",
        ),
        Words(
            "No run has ended successfully for more than two intervals.",
            "Run «staffetta doctor» and repair what it shows in red; then look at the newest run.",
        ),
    ),
}
