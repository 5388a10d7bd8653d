"""What can be doubtful about whose an account is; a human answers with `staffetta cases`."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code

IDENTITIES: Mapping[Code, Cause] = {
    Code.KEY_FOREIGN: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Ein Konto der Zielanwendung hat den Benutzernamen einer Person, gehört aber zu einem anderen "
            "System.",
            "Öffnen Sie die Fälle mit «staffetta cases TENANT» und entscheiden Sie, wem das Konto gehört; "
            "oder leeren Sie in der Zielanwendung seine externe Kennung, oder geben Sie ihm eine andere "
            "Adresse.",
        ),
        Words(
            "An account of the target application has a person's user name, but belongs to another system.",
            "Open the cases with «staffetta cases TENANT» and decide whose account it is; or clear its "
            "external id in the target application, or give it another address.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.KEY_RECYCLED: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Ein Konto oder eine Adresse, die zu einer Person passt, gehörte früher einer anderen; es wurde "
            "nichts verknüpft.",
            "Öffnen Sie die Fälle mit «staffetta cases TENANT» und entscheiden Sie, ob das Konto dieser "
            "Person gehört oder ob sie ein neues bekommt.",
        ),
        Words(
            "An account or address that fits a person was somebody else's before; nothing was linked.",
            "Open the cases with «staffetta cases TENANT» and decide whether the account is this person's "
            "or whether a new one is made.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.MATCH_AMBIGUOUS: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "In der Zielanwendung ist nicht eindeutig, welches Konto zu einer Person gehört; es wurde "
            "nichts geändert.",
            "Öffnen Sie die Fälle mit «staffetta cases TENANT» und wählen Sie das richtige Konto; oder "
            "lassen Sie in der Zielanwendung nur ein Konto mit dieser Adresse oder externen Kennung übrig.",
        ),
        Words(
            "It is not clear which account of the target application belongs to a person; nothing was "
            "changed.",
            "Open the cases with «staffetta cases TENANT» and choose the right account; or leave only one "
            "account with this address or external id in the target application.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.MATCH_SUGGESTED: Cause(
        Addressee.OWNER,
        Severity.WARNING,
        Words(
            "Ein Konto der Zielanwendung könnte zu einer neuen Person gehören; sicher ist es nicht.",
            "Öffnen Sie die Fälle mit «staffetta cases TENANT» und bestätigen Sie das Konto, oder lassen "
            "Sie ein neues anlegen.",
        ),
        Words(
            "An account of the target application may be a new person's; that is not certain.",
            "Open the cases with «staffetta cases TENANT» and confirm the account, or let a new one be made.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_RETURNED: Cause(
        Addressee.OWNER,
        Severity.WARNING,
        Words(
            "Eine neue Person hat Namen und Adresse von jemandem, der ausgeschieden ist: Vielleicht ist sie "
            "zurückgekehrt, vielleicht heißt sie nur gleich.",
            "Öffnen Sie die Fälle mit «staffetta cases TENANT» und entscheiden Sie, ob das alte Konto "
            "wieder ihres ist oder ein neues angelegt wird.",
        ),
        Words(
            "A new person has the name and address of somebody who left: perhaps they came back, perhaps "
            "they only share the name.",
            "Open the cases with «staffetta cases TENANT» and decide whether the old account is theirs "
            "again or a new one is made.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_REPLACED: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Unter einer bekannten Personio-Nummer steht jetzt jemand mit anderem Namen und anderer "
            "Adresse; das Konto wurde nicht geändert.",
            "Prüfen Sie in Personio, ob es dieselbe Person ist. Ist sie es, stimmen Sie zu (den "
            "Befehl dazu nennt «staffetta holds TENANT»); ist sie es nicht, legen Sie die neue Person in "
            "Personio neu an und setzen Sie die alte auf «Inaktiv».",
        ),
        Words(
            "A known Personio id now belongs to somebody of another name and another address; the account "
            "was not changed.",
            "Check in Personio whether it is the same person. If so, say yes («staffetta holds TENANT» "
            "names the command); if not, add the new person to Personio anew and set the old one to "
            "«Inactive».",
        ),
        concerns=Concerns.PEOPLE,
        asks=True,
    ),
    Code.NAME_TEMPORARY: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Ein Tausch von Adressen ging nicht zu Ende; wer eine vorläufige Adresse hatte, bekommt die neue "
            "ohne die übrigen Werte oder, wo das nicht geht, wie alle Beteiligten die bisherige zurück.",
            "Lesen Sie mit «staffetta letters TENANT», welche Änderung die Zielanwendung abgelehnt hat, und "
            "beheben Sie den Grund; der Tausch wird danach erneut versucht.",
        ),
        Words(
            "An exchange of addresses did not come to its end; whoever had a temporary address gets the new "
            "one without the other values or, where that cannot be, like everybody in it the old one back.",
            "Read with «staffetta letters TENANT» which change the target application refused, and remove "
            "the reason; the exchange is then tried again.",
        ),
        opens_incident=False,
        concerns=Concerns.PEOPLE,
    ),
}
