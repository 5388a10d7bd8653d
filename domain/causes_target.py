"""What can be wrong with the target application."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code

TARGET: Mapping[Code, Cause] = {
    Code.TARGET_CREDENTIALS_REFUSED: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung nimmt den hinterlegten Schlüssel nicht an.",
            "Prüfen Sie zuerst, ob der Schlüssel in der Zielanwendung neu erzeugt wurde oder abgelaufen "
            "ist; hinterlegen Sie dann den gültigen Schlüssel und wiederholen Sie die Prüfung.",
        ),
        Words(
            "The target application does not accept the stored key.",
            "Check first whether the key was generated again or has expired in the target application; "
            "then store the valid key and repeat the check.",
        ),
    ),
    Code.TARGET_UNREACHABLE: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung war nicht zu erreichen oder hat nicht rechtzeitig geantwortet.",
            "Warten Sie, die Änderungen werden von selbst nachgeholt; wenn es anhält, prüfen Sie Adresse, "
            "Netz und Betriebszustand der Zielanwendung.",
        ),
        Words(
            "The target application could not be reached or did not answer in time.",
            "Wait, the changes are made up for by themselves; if it persists, check the address, the "
            "network and the health of the target application.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_BUSY: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Die Zielanwendung bittet um eine Pause: zu viele Anfragen, oder sie wird gerade gewartet.",
            "Warten Sie ab, es geht von selbst weiter; wenn es oft vorkommt, bitten Sie die "
            "Zielanwendung um ein höheres Anfragelimit.",
        ),
        Words(
            "The target application asks for a pause: too many requests, or it is under maintenance.",
            "Wait, it goes on by itself; if it happens often, ask the target application for a higher rate "
            "limit.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_NOT_SCIM: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Unter der Adresse der Zielanwendung antwortet etwas, das kein SCIM 2.0 spricht.",
            "Prüfen Sie die eingetragene Adresse (sie endet oft auf /scim/v2) und ob ein Proxy oder eine "
            "Anmeldeseite dazwischensteht.",
        ),
        Words(
            "Something answers at the target's address that does not speak SCIM 2.0.",
            "Check the configured address (it often ends in /scim/v2), and whether a proxy or a login page "
            "stands in between.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_REFUSED: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung hat eine Änderung abgelehnt.",
            "Lesen Sie den genannten Grund, berichtigen Sie den Wert in Personio oder die Zuordnung, und "
            "starten Sie die Person danach neu.",
        ),
        Words(
            "The target application refused a change.",
            "Read the reason given, correct the value in Personio or the mapping, and sync the person again.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_KEY_TAKEN: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Den Benutzernamen oder die E-Mail-Adresse einer Person hat in der Zielanwendung schon ein "
            "anderes Konto.",
            "Öffnen Sie in der Zielanwendung die Benutzerverwaltung, suchen Sie das andere Konto und geben "
            "Sie ihm eine andere Adresse, oder verbinden Sie es mit der Person.",
        ),
        Words(
            "Another account of the target application already has a person's user name or e-mail address.",
            "Open the user administration of the target application, find the other account and give it "
            "another address, or link it with the person.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_ACCOUNT_GONE: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Ein verbundenes Konto gibt es in der Zielanwendung nicht mehr.",
            "Klären Sie, wer das Konto in der Zielanwendung gelöscht hat; soll die Person wieder eines "
            "bekommen, legen Sie sie auf inaktiv fest (override … pin-inactive) und beenden Sie das wieder: "
            "Dann wird ein neues angelegt.",
        ),
        Words(
            "A linked account no longer exists in the target application.",
            "Find out who deleted the account in the target application; if the person shall have one "
            "again, pin the person inactive (override … pin-inactive) and end that again: a new one is then "
            "made.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_STILL_OPEN: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung hat zugesagt, ein Konto zu schließen, und zeigt es weiterhin als offen.",
            "Öffnen Sie die Benutzerverwaltung der Zielanwendung und schließen Sie das Konto von Hand; "
            "klären Sie mit deren Hersteller, warum sie „active: false“ annimmt und nicht ausführt, und "
            "senden Sie die Änderung danach erneut.",
        ),
        Words(
            "The target application agreed to close an account, and still shows it as open.",
            "Open the user administration of the target application and close the account by hand; find out "
            "with its vendor why it takes «active: false» and does not do it, and send the change again "
            "afterwards.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_PROMISED: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung hat eine Änderung angenommen, um sie später auszuführen (HTTP 202), und zeigt "
            "sie noch nicht.",
            "Sehen Sie in der Zielanwendung nach, ob die Änderung dort auf eine Freigabe wartet, und geben "
            "Sie sie frei; wartet dort nichts, fragen Sie deren Hersteller, warum sie mit 202 antwortet und "
            "nichts tut. Wir sehen weiter nach; um ein Konto wird erst nach einem Tag noch einmal gebeten.",
        ),
        Words(
            "The target application accepted a change to do it later (HTTP 202), and does not show it yet.",
            "Look in the target application whether the change waits there for an approval, and approve it; "
            "if nothing waits there, ask its vendor why it answers 202 and does nothing. We keep looking; an "
            "account is asked for once more only after a day.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_FILTER_IGNORED: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung beantwortet die Suche nach einem einzelnen Konto falsch: mit allen oder mit "
            "niemandem, oder sie lehnt sie ab.",
            "Bitten Sie den Hersteller der Zielanwendung um SCIM-Filter (RFC 7644, Abschnitt 3.4.2.2) für "
            "externalId und userName.",
        ),
        Words(
            "The target application answers a search for one account wrongly: with all of them, with nobody, "
            "or with a refusal.",
            "Ask the vendor of the target application for SCIM filters (RFC 7644, section 3.4.2.2) on "
            "externalId and userName.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.TARGET_ATTRIBUTE_UNKNOWN: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Zielanwendung kennt mindestens ein zugeordnetes Feld nicht.",
            "Nehmen Sie das genannte Feld aus der Zuordnung heraus, oder ordnen Sie es einem Feld zu, das "
            "die Prüfung als vorhanden zeigt.",
        ),
        Words(
            "The target application does not know at least one mapped field.",
            "Take the named field out of the mapping, or map it to a field that the check shows as present.",
        ),
    ),
    Code.TARGET_LIST_ENDLESS: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Die Zielanwendung zeigt von der Liste ihrer Konten nur den Anfang.",
            "Bitten Sie den Hersteller der Zielanwendung um Seiten mit startIndex und count (RFC 7644, "
            "Abschnitt 3.4.2.4); bis dahin wird sie nach jeder Person einzeln gefragt, was länger dauert.",
        ),
        Words(
            "The target application shows only the beginning of its list of accounts.",
            "Ask the vendor of the target application for pages by startIndex and count (RFC 7644, section "
            "3.4.2.4); until then it is asked for each person alone, which takes longer.",
        ),
    ),
    Code.TARGET_ATTRIBUTE_REQUIRED: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Die Zielanwendung verlangt ein Feld, dem nichts zugeordnet ist.",
            "Ordnen Sie dem genannten Feld ein Attribut zu; sonst lehnt die Zielanwendung neue Konten ab.",
        ),
        Words(
            "The target application requires a field to which nothing is mapped.",
            "Enter a line for the named field into the mapping; without it new accounts are refused.",
        ),
    ),
}
