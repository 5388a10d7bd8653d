"""What can be wrong with Personio and with a reading of it."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code

SOURCE: Mapping[Code, Cause] = {
    Code.SOURCE_CREDENTIALS_REFUSED: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Personio nimmt die Zugangsdaten dieser Integration nicht an.",
            "Prüfen Sie zuerst, ob jemand die Zugangsdaten in Personio neu erzeugt oder deaktiviert hat "
            "(Marketplace → Verbundene Integrationen → Ihre Integration); hinterlegen Sie dann Client-ID "
            "und Client-Secret neu und wiederholen Sie die Prüfung.",
        ),
        Words(
            "Personio does not accept the credentials of this integration.",
            "Check first whether somebody generated the credentials again or disabled them in Personio "
            "(Marketplace → Connected integrations → your integration); then enter client ID and client "
            "secret anew and repeat the check.",
        ),
    ),
    Code.SOURCE_CREDENTIALS_WRONG: Cause(
        Addressee.OWNER,
        Severity.FAILURE,
        Words(
            "Personio nimmt diese Zugangsdaten nicht an; gelesen wurde mit ihnen noch nie etwas.",
            "Prüfen Sie zuerst, ob Client-ID und Client-Secret vollständig sind und nicht vertauscht wurden "
            "(Marketplace → Verbundene Integrationen → Ihre Integration); wurden sie inzwischen neu erzeugt, "
            "hinterlegen Sie die neuen, und wiederholen Sie die Prüfung.",
        ),
        Words(
            "Personio does not accept these credentials; nothing was ever read with them.",
            "Check client ID and client secret first: whole, and not swapped (Marketplace → Connected "
            "integrations → your integration); if they were generated again since, enter the new ones, and "
            "repeat the check.",
        ),
    ),
    Code.SOURCE_RIGHT_NOT_GIVEN: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Diese Zugangsdaten haben in Personio noch nicht das Recht, Mitarbeiterdaten zu lesen.",
            "Öffnen Sie Marketplace → Verbundene Integrationen → Ihre Integration → Zugriffsrechte, setzen "
            "Sie bei den Mitarbeitenden das Häkchen «Lesen» und speichern Sie.",
        ),
        Words(
            "These credentials do not have the right to read employees in Personio yet.",
            "Open Marketplace → Connected integrations → your integration → Access rights, tick «Read» for "
            "Employees and save.",
        ),
    ),
    Code.SOURCE_RIGHT_MISSING: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Den Zugangsdaten fehlt in Personio das Recht, Mitarbeiterdaten zu lesen.",
            "Prüfen Sie zuerst, ob die Zugangsdaten neu erzeugt wurden; öffnen Sie dann Marketplace → "
            "Verbundene Integrationen → Ihre Integration → Zugriffsrechte, setzen Sie bei den "
            "Mitarbeitenden das Häkchen «Lesen» und speichern Sie.",
        ),
        Words(
            "The credentials lack the right to read employees in Personio.",
            "Check first whether the credentials were generated again; then open Marketplace → Connected "
            "integrations → your integration → Access rights, tick «Read» for Employees and save.",
        ),
    ),
    Code.SOURCE_ATTRIBUTE_EMPTY: Cause(
        Addressee.HR,
        Severity.WARNING,
        Words(
            "Mindestens ein zugeordnetes Attribut ist in Personio bei niemandem ausgefüllt.",
            "Füllen Sie das Attribut in Personio aus, oder nehmen Sie es aus der Zuordnung heraus, wenn "
            "Sie es nicht brauchen.",
            naming="Das Attribut {} ist in Personio bei niemandem ausgefüllt.",
        ),
        Words(
            "At least one mapped attribute is empty for everybody in Personio.",
            "Fill the attribute in Personio, or take it out of the mapping if you do not need it.",
            naming="The attribute {} is empty for everybody in Personio.",
        ),
        opens_incident=False,
    ),
    Code.SOURCE_BUSY: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Personio bittet um eine Pause, weil zu viele Anfragen eingegangen sind.",
            "Warten Sie ab, es geht von selbst weiter; wenn es öfter vorkommt, legen Sie die Zeitpläne der "
            "Mandanten weiter auseinander.",
        ),
        Words(
            "Personio asks for a pause because it got too many requests.",
            "Wait, it goes on by itself; if it happens often, spread the schedules of the tenants.",
        ),
        temporary=True,
    ),
    Code.SOURCE_UNREACHABLE: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Personio war nicht zu erreichen oder hat nicht rechtzeitig geantwortet.",
            "Warten Sie den nächsten Lauf ab; wenn es anhält, prüfen Sie Personios Statusseite und den Weg "
            "vom Server ins Internet.",
        ),
        Words(
            "Personio could not be reached or did not answer in time.",
            "Wait for the next run; if it persists, look at Personio's status page and at the server's way "
            "to the internet.",
        ),
        temporary=True,
    ),
    Code.SOURCE_NOT_PERSONIO: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Unter der Adresse von Personio antwortet etwas, das nicht Personios Schnittstelle ist.",
            "Prüfen Sie die eingetragene Personio-Adresse und ob ein Proxy oder eine Wartungsseite "
            "dazwischensteht.",
        ),
        Words(
            "Something answers at Personio's address that is not Personio's interface.",
            "Check the configured Personio address, and whether a proxy or a maintenance page stands in "
            "between.",
        ),
        temporary=True,
    ),
}

FEED: Mapping[Code, Cause] = {
    Code.FEED_BROKEN: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Personios Antwort war keine vollständige Mitarbeiterliste; aus diesem Lauf wurde nichts "
            "übernommen.",
            "Warten Sie den nächsten Lauf ab; wenn er genauso endet, melden Sie Personio den Zeitpunkt und "
            "diese Meldung.",
        ),
        Words(
            "Personio's answer was no complete list of employees; nothing of this run was used.",
            "Wait for the next run; if it ends the same way, tell Personio the time and this message.",
        ),
        temporary=True,
    ),
    Code.FEED_EMPTY: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Personio hat eine leere Mitarbeiterliste geschickt, obwohl vorher Personen bekannt waren; "
            "niemand wurde deaktiviert.",
            "Öffnen Sie in Personio Marketplace → Verbundene Integrationen → Ihre Integration und prüfen "
            "Sie, ob der Zugriff auf Gesellschaften eingeschränkt wurde.",
        ),
        Words(
            "Personio sent an empty list of employees although people were known before; nobody was "
            "deactivated.",
            "Open Marketplace → Connected integrations → your integration in Personio and check whether "
            "the access was limited to certain legal entities.",
        ),
        temporary=True,
    ),
    Code.FEED_LOOPING: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Personio hat beim Blättern immer wieder dieselbe Seite geschickt; aus diesem Lauf wurde "
            "nichts übernommen.",
            "Warten Sie den nächsten Lauf ab; wenn er genauso endet, melden Sie Personio den Zeitpunkt und "
            "diese Meldung.",
        ),
        Words(
            "Personio sent the same page again and again; nothing of this run was used.",
            "Wait for the next run; if it ends the same way, tell Personio the time and this message.",
        ),
        temporary=True,
    ),
    Code.FEED_ONLY_IDS: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Personio zeigt den Zugangsdaten nur noch die Nummern der Personen, aber keine Attribute.",
            "Öffnen Sie in Personio Marketplace → Verbundene Integrationen → Ihre Integration und setzen "
            "Sie unter «Lesbare Mitarbeiterattribute» die Häkchen wieder, mindestens bei «Status», "
            "«Anstellungsart», «Vorname», «Nachname» und «E-Mail».",
        ),
        Words(
            "Personio shows these credentials only the numbers of people and no attributes any more.",
            "Open Marketplace → Connected integrations → your integration in Personio and tick the "
            "attributes again under «Readable employee attributes», at least «Status», «Employment type», "
            "«First name», «Last name» and «Email».",
        ),
    ),
    Code.FEED_TOO_SHORT: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "In Personios Liste fehlt mehr als die Hälfte der bekannten Personen; niemand wurde deaktiviert.",
            "Öffnen Sie in Personio Marketplace → Verbundene Integrationen → Ihre Integration und prüfen "
            "Sie, ob der Zugriff auf Gesellschaften eingeschränkt wurde; wenn die Personen wirklich "
            "gelöscht wurden, sagen Sie es dem Betrieb.",
        ),
        Words(
            "More than half of the known people are missing from Personio's list; nobody was deactivated.",
            "Open Marketplace → Connected integrations → your integration in Personio and check whether "
            "the access was limited to certain legal entities; if the people were really deleted, tell "
            "your operator.",
        ),
        temporary=True,
    ),
    Code.FEED_DRIFTED: Cause(
        Addressee.OPERATOR,
        Severity.NOTICE,
        Words(
            "Personios Liste hat sich während des Lesens verschoben; was darin steht, wurde übernommen, "
            "aus dem Fehlen von Personen wurde nichts geschlossen.",
            "Lassen Sie es dabei: Der nächste Lauf liest noch einmal alles.",
        ),
        Words(
            "Personio's list moved while it was read; what it says was used, nothing was concluded from "
            "missing people.",
            "Leave it: the next run reads everything again.",
        ),
        opens_incident=False,
        temporary=True,
    ),
    Code.FEED_ABSENCE_UNPROVEN: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Personen fehlen seit mehr als einem Intervall in vollständigen Lesungen, aber Personio "
            "antwortet nicht, wenn einzeln nach ihnen gefragt wird; ihre Konten bleiben offen.",
            "Prüfen Sie, ob Proxy und Firewall auch Fragen nach einzelnen Personen an Personio durchlassen; "
            "jeder Lauf fragt wieder. Wer sicher gegangen ist, den schließt sofort staffetta override "
            "TENANT PERSON --pin-inactive --reason TEXT.",
        ),
        Words(
            "People have been missing in complete readings for more than an interval, but Personio does "
            "not answer when asked for each of them; their accounts stay open.",
            "Check whether proxy and firewall let questions for single people pass to Personio as well; each "
            "run asks again. Whoever is known to be gone is closed at once by staffetta override "
            "TENANT PERSON --pin-inactive --reason TEXT.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.FEED_MANY_MISSING: Cause(
        Addressee.OWNER,
        Severity.WARNING,
        Words(
            "Ungewöhnlich viele Personen mit Konto fehlen auf einmal in Personios Liste, mehr als einzeln "
            "nachgefragt wird; ihre Konten bleiben offen.",
            "Prüfen Sie in Personio unter Marketplace → Verbundene Integrationen → Ihre Integration, ob der "
            "Zugriff auf Gesellschaften eingeschränkt wurde, und heben Sie es dort auf; der nächste Lauf "
            "merkt es. Sind die Personen wirklich gelöscht, warten Sie: Fehlen sie ein Intervall später "
            "immer noch, legt ein Lauf Ihnen das Schließen der Konten zur Entscheidung vor.",
        ),
        Words(
            "Unusually many people with an account are missing from Personio's list at once, more than are "
            "asked for one by one; their accounts stay open.",
            "Check under Marketplace → Connected integrations → your integration in Personio whether the "
            "access was limited to certain legal entities, and lift that there; the next run notices. If "
            "the people were really deleted, wait: if they are still missing an interval later, a run puts "
            "the closing of their accounts before you.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
    Code.FEED_ROW_UNREADABLE: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Personio hat mindestens einen Datensatz geschickt, der keine lesbare Person ist.",
            "Starten Sie den Lauf noch einmal; wenn es bleibt, melden Sie Personio den Zeitpunkt und diese "
            "Meldung.",
        ),
        Words(
            "Personio sent at least one record that is no readable person.",
            "Start the run again; if it stays, tell Personio the time and this message.",
        ),
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
}
