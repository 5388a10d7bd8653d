"""What can go wrong when humans are told of something."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Severity, Words
from domain.codes import Code

NOTICES: Mapping[Code, Cause] = {
    Code.NOTICE_AWAY: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Ein Weg, auf dem Staffetta Menschen benachrichtigt, antwortet gerade nicht.",
            "Warten Sie, die Nachricht wird drei Tage lang erneut versucht; prüfen Sie den Weg mit "
            "«staffetta notify test TENANT».",
        ),
        Words(
            "A channel over which Staffetta tells humans does not answer just now.",
            "Wait, the message is tried again for three days; «staffetta notify test "
            "TENANT» tries the channel.",
        ),
        opens_incident=False,
        temporary=True,
    ),
    Code.NOTICE_PUT_OFF: Cause(
        Addressee.OPERATOR,
        Severity.NOTICE,
        Words(
            "Der Mailserver nimmt die Nachricht für einen ihrer Empfänger noch nicht an.",
            "Warten Sie, das geht meist nach Minuten vorbei (Greylisting, volles Postfach); bleibt es so, "
            "geht die Nachricht an die anderen.",
        ),
        Words(
            "The mail server does not take the message for one of its readers yet.",
            "Wait, that mostly passes within minutes (grey list, full mailbox); if it stays so, the message "
            "goes to the others.",
        ),
        opens_incident=False,
        temporary=True,
    ),
    Code.NOTICE_REFUSED: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Ein Weg, auf dem Staffetta Menschen benachrichtigt, nimmt eine Nachricht nicht an.",
            "Berichtigen Sie Adresse oder Zugangsdaten dieses Weges und prüfen Sie ihn mit "
            "«staffetta notify test TENANT».",
        ),
        Words(
            "A channel over which Staffetta tells humans does not accept a message.",
            "Correct the address or the credentials of that channel and try it with «staffetta notify "
            "test TENANT».",
        ),
        opens_incident=False,
    ),
    Code.NOTICE_UNDELIVERED: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Eine Nachricht an Menschen konnte nicht zugestellt werden; sie liegt jetzt im Ordner «outbox».",
            "Sehen Sie mit «staffetta notify list» nach, welcher Weg sie nicht annahm, beheben Sie das und "
            "senden Sie sie mit «staffetta notify retry TENANT» erneut.",
        ),
        Words(
            "A message to humans could not be delivered; it lies in the folder «outbox» now.",
            "Look with «staffetta notify list» which channel did not take it, repair that, and send it again "
            "with «staffetta notify retry TENANT».",
        ),
    ),
    Code.NOTICE_OWNERS: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Nicht alle Verantwortlichen dieses Mandanten sind per E-Mail erreichbar.",
            "Fragen Sie den Kunden nach einer gültigen Adresse und tragen Sie sie mit "
            "«staffetta tenant owners TENANT» ein; bis dahin lesen Sie mit.",
        ),
        Words(
            "Not all owners of this tenant can be reached by e-mail.",
            "Ask the customer for an address that works and enter it with «staffetta tenant owners "
            "TENANT»; until "
            "then you read along.",
        ),
    ),
}
