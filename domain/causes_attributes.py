"""What a human reads when Personio does not tell an attribute any more, or of far fewer people."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Severity, Words
from domain.codes import Code

ATTRIBUTES: Mapping[Code, Cause] = {
    Code.SOURCE_ATTRIBUTE_MISSING: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Mindestens ein zugeordnetes Attribut ist für die Zugangsdaten in Personio nicht lesbar.",
            "Öffnen Sie in Personio Marketplace → Verbundene Integrationen → Ihre Integration, setzen Sie "
            "unter «Lesbare Mitarbeiterattribute» das Häkchen bei dem genannten Attribut und speichern "
            "Sie; die Zugangsdaten bleiben dabei dieselben. Bis dahin bleibt alles, was davon abhängt, wie "
            "es ist; danach geht der nächste Lauf von selbst weiter. Gibt es das Attribut nicht mehr, "
            "nehmen Sie es aus der Zuordnung, oder sagen Sie dem Betrieb, dass es absichtlich fehlt.",
            naming="Das Attribut {} ist für die Zugangsdaten in Personio nicht lesbar.",
        ),
        Words(
            "At least one mapped attribute cannot be read with these Personio credentials.",
            "Open Marketplace → Connected integrations → your integration in Personio, tick the named "
            "attribute under «Readable employee attributes» and save; the credentials stay the same. "
            "Until then everything that depends on it stays as it is; after that the next run goes on by "
            "itself. If the attribute does not exist any more, take it out of the mapping, or tell your "
            "operator that it is missing on purpose.",
            naming="The attribute {} cannot be read with these Personio credentials.",
        ),
    ),
    Code.SOURCE_ATTRIBUTE_COLLAPSED: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Mindestens ein zugeordnetes Attribut ist in Personio plötzlich bei weniger als der Hälfte der "
            "bisherigen Personen ausgefüllt.",
            "Prüfen Sie das Attribut in Personio im Profil einer betroffenen Person und unter Marketplace → "
            "Verbundene Integrationen → Ihre Integration → «Lesbare Mitarbeiterattribute». Bis dahin bleibt "
            "alles, was davon abhängt, wie es ist; ist es wieder ausgefüllt, geht der nächste Lauf von "
            "selbst weiter. Wurde es absichtlich geleert, sagen Sie es dem Betrieb.",
            naming="Das Attribut {} ist in Personio plötzlich bei weniger als der Hälfte der bisherigen "
            "Personen ausgefüllt.",
        ),
        Words(
            "At least one mapped attribute is suddenly filled in for less than half of the people in "
            "Personio for whom it was before.",
            "Check the attribute in Personio in the profile of somebody concerned, and under Marketplace → "
            "Connected integrations → your integration → «Readable employee attributes». Until then "
            "everything that depends on it stays as it is; once it is filled in again, the next run goes on "
            "by itself. If it was emptied on purpose, tell your operator.",
            naming="The attribute {} is suddenly filled in for less than half of the people in Personio for "
            "whom it was before.",
        ),
    ),
}
