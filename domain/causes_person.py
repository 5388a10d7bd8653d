"""What can be the matter with one person, one unique name, or one match."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code

PERSON: Mapping[Code, Cause] = {
    Code.PERSON_WITHOUT_REQUIRED: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Bei mindestens einer Person ist in Personio ein Pflichtattribut leer.",
            "Öffnen Sie in Personio das Profil der Person, füllen Sie das genannte Attribut aus und "
            "speichern Sie; der nächste Lauf übernimmt es.",
            naming=(
                "Das Attribut {} ist in Personio bei mindestens einer Person leer, muss aber ausgefüllt sein."
            ),
        ),
        Words(
            "A required attribute is empty for at least one person in Personio.",
            "Open the person's profile in Personio, fill the named attribute and save; the next run "
            "carries it over.",
            naming="The attribute {} is empty for at least one person in Personio, but it is required.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_OUT_OF_SCOPE: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Die Person gehört nach Status, Anstellungsart oder Filter nicht zu denen, die ein Konto "
            "bekommen.",
            "Lassen Sie es dabei, wenn das so gewollt ist; sonst ändern Sie den Filter, oder in Personio, "
            "was er bei der Person sieht.",
        ),
        Words(
            "By status, employment type or filter the person is not among those who get an account.",
            "Leave it if that is intended; otherwise change the filter, or what it sees of the person in "
            "Personio.",
        ),
        opens_incident=False,
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_SCOPE_UNKNOWN: Cause(
        Addressee.HR,
        Severity.WARNING,
        Words(
            "Personio sagt bei mindestens einer Person nicht, wovon abhängt, ob sie ein Konto haben soll; an "
            "ihrem Zugang ändert sich nichts.",
            "Öffnen Sie in Personio Marketplace → Verbundene Integrationen → Ihre Integration und prüfen "
            "Sie unter «Lesbare Mitarbeiterattribute» das Häkchen bei dem, was genannt ist; füllen Sie es "
            "danach im Profil der Person aus.",
            "Personio sagt bei mindestens einer Person nichts Verwertbares über {}, und davon hängt ab, ob "
            "sie ein Konto haben soll; an ihrem Zugang ändert sich nichts.",
        ),
        Words(
            "Personio does not tell of at least one person what decides whether they are to have an account; "
            "their access stays as it is.",
            "Open Marketplace → Connected integrations → your integration in Personio and check that what is "
            "named is ticked under «Readable employee attributes»; then fill it in the person's profile.",
            "Personio tells nothing usable about {} of at least one person, and that decides whether they "
            "are to have an account; their access stays as it is.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_LEFT: Cause(
        Addressee.HR,
        Severity.NOTICE,
        Words(
            "Die Person hat in Personio den Status «Inaktiv».",
            "Lassen Sie es dabei, wenn die Person gegangen ist; sonst setzen Sie ihren Status in Personio "
            "wieder auf «Aktiv».",
        ),
        Words(
            "The person has the status «Inactive» in Personio.",
            "Leave it if the person has left; otherwise set the status back to «Active» in Personio.",
        ),
        opens_incident=False,
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_LEFT_FILTER: Cause(
        Addressee.OWNER,
        Severity.NOTICE,
        Words(
            "Die Person ist weiter beschäftigt, gehört aber nicht mehr zu denen, die ein Konto bekommen.",
            "Lassen Sie es dabei, wenn das so gewollt ist; sonst ändern Sie den Filter, oder in Personio, "
            "was er bei der Person sieht.",
        ),
        Words(
            "The person is still employed, but no longer among those who get an account.",
            "Leave it if that is intended; otherwise change the filter, or what it sees of the person in "
            "Personio.",
        ),
        opens_incident=False,
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_NOT_SEEN: Cause(
        Addressee.HR,
        Severity.WARNING,
        Words(
            "Die Person ist für die Zugangsdaten nicht mehr sichtbar: Sie wurde in Personio gelöscht, oder "
            "der Zugriff wurde eingeschränkt.",
            "Prüfen Sie in Personio, ob es die Person noch gibt; gibt es sie, erweitern Sie den Zugriff der "
            "Integration, und der nächste Lauf stellt alles richtig.",
        ),
        Words(
            "The person is not visible to these credentials any more: deleted in Personio, or access was "
            "narrowed.",
            "Check in Personio whether the person still exists; if so, widen the access of the integration, "
            "and the next run puts everything right.",
        ),
        opens_incident=False,
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_PAST_LAST_DAY: Cause(
        Addressee.HR,
        Severity.WARNING,
        Words(
            "Der letzte Arbeitstag der Person ist vorbei, ihr Status in Personio ist aber nicht «Inaktiv»; "
            "ihr Konto bleibt offen.",
            "Setzen Sie den Status der Person in Personio auf «Inaktiv», wenn sie gegangen ist; sonst "
            "berichtigen Sie «Letzter Arbeitstag» und «Austrittsdatum».",
        ),
        Words(
            "The person's last day of work is over, but the status in Personio is not «Inactive»; the "
            "account stays open.",
            "Set the person's status to «Inactive» in Personio if the person has left; otherwise correct "
            "«Last day of work» and «Termination date».",
        ),
        opens_incident=False,
        concerns=Concerns.PEOPLE,
    ),
    Code.PERSON_BAD_VALUE: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Mindestens ein Wert einer Person hat in Personio eine Form, die sich nicht übertragen lässt.",
            "Öffnen Sie in Personio das Profil der Person, geben Sie den genannten Wert neu ein und "
            "speichern Sie.",
            naming="Der Wert des Attributs {} hat in Personio eine Form, die sich nicht übertragen lässt.",
        ),
        Words(
            "At least one value of a person has a form in Personio that cannot be carried over.",
            "Open the person's profile in Personio, enter the named value anew and save.",
            naming="The value of the attribute {} has a form in Personio that cannot be carried over.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.MANAGER_NOT_SYNCED: Cause(
        Addressee.HR,
        Severity.NOTICE,
        Words(
            "Die vorgesetzte Person hat in der Zielanwendung kein Konto; der Verweis wird nachgeholt, "
            "sobald es eines gibt.",
            "Lassen Sie es dabei, wenn die vorgesetzte Person kein Konto bekommen soll; sonst prüfen Sie "
            "ihren «Status» und ihre «Anstellungsart» in Personio.",
        ),
        Words(
            "The manager has no account in the target application; the reference is set as soon as there "
            "is one.",
            "Leave it if the manager shall have no account; otherwise check the manager's «Status» and "
            "«Employment type» in Personio.",
        ),
        opens_incident=False,
        temporary=True,
        concerns=Concerns.PEOPLE,
    ),
}

NAMES: Mapping[Code, Cause] = {
    Code.KEY_SHARED: Cause(
        Addressee.HR,
        Severity.FAILURE,
        Words(
            "Mehrere Personen beanspruchen denselben Benutzernamen oder dieselbe E-Mail-Adresse; keine "
            "davon wurde geändert.",
            "Öffnen Sie in Personio die Profile dieser Personen und geben Sie jeder unter «E-Mail» ihre "
            "eigene Adresse.",
        ),
        Words(
            "Several people claim the same user name or e-mail address; none of them was changed.",
            "Open the profiles of these people in Personio and give each of them an address of its own "
            "under «Email».",
        ),
        concerns=Concerns.PEOPLE,
    ),
}
