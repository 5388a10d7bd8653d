"""What can be wrong with what is stored of a tenant: configuration, keys, and the way to both ends."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Severity, Words
from domain.codes import Code

FORBIDDEN: Mapping[Code, Cause] = {
    Code.SOURCE_FORBIDDEN_ADDRESS: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "An die gespeicherte Adresse von Personio dürfen wir nichts senden.",
            "Hinterlegen Sie seine öffentliche https-Adresse (den Befehl nennt «staffetta check TENANT»); "
            "für eine im eigenen Netz setzen Sie STAFFETTA_ALLOW_PRIVATE_TARGETS.",
        ),
        Words(
            "The stored address of Personio is one to which we must not send.",
            "Enter Personio's public https address («staffetta check TENANT» names the command); for one in "
            "your own network set STAFFETTA_ALLOW_PRIVATE_TARGETS.",
        ),
    ),
    Code.TARGET_FORBIDDEN_ADDRESS: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "An die Adresse der Zielanwendung dürfen wir nichts senden.",
            "Hinterlegen Sie eine öffentliche https-Adresse (den Befehl nennt «staffetta check TENANT»); für "
            "ein Ziel im eigenen Netz setzen Sie STAFFETTA_ALLOW_PRIVATE_TARGETS.",
        ),
        Words(
            "The target's address is one to which we must not send.",
            "Enter a public https address («staffetta check TENANT» names the command); for a target in your "
            "own network set STAFFETTA_ALLOW_PRIVATE_TARGETS.",
        ),
    ),
}

UNFIT: Mapping[Code, Cause] = {
    Code.CONFIG_INVALID: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die gespeicherten Einstellungen dieses Mandanten lassen sich nicht lesen.",
            "Laden Sie die Datei des Mandanten noch einmal (staffetta tenant configure TENANT --file FILE), "
            "und wiederholen Sie die Prüfung.",
        ),
        Words(
            "The stored configuration of this tenant cannot be read.",
            "Store the tenant's file once more (staffetta tenant configure TENANT --file FILE), and repeat "
            "the check.",
        ),
    ),
    Code.CONNECTION_MISSING: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Adressen und Zugangsdaten dieses Mandanten fehlen.",
            "Hinterlegen Sie beide Seiten, Personio und die Anwendung, und wiederholen Sie die Prüfung (den "
            "Befehl nennt «staffetta check TENANT»). Sind schon Personen verknüpft, stellen Sie die Zeile "
            "aus einer Sicherung wieder her.",
        ),
        Words(
            "The addresses and credentials of this tenant are missing.",
            "Enter both ends, Personio and the application, and repeat the check («staffetta check TENANT» "
            "names the command). Where people are linked already, restore the row from a backup.",
        ),
    ),
    Code.SOURCE_ADDRESS_UNFIT: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die gespeicherte Adresse von Personio ist unbrauchbar.",
            "Hinterlegen Sie sie neu, zusammen mit dem Client-Secret, und wiederholen Sie die Prüfung (den "
            "Befehl nennt «staffetta check TENANT»).",
        ),
        Words(
            "The stored address of Personio is of no use.",
            "Enter it anew, together with the client secret, and repeat the check («staffetta check TENANT» "
            "names the command).",
        ),
    ),
    Code.TARGET_ADDRESS_UNFIT: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die gespeicherte Adresse der Anwendung ist unbrauchbar.",
            "Hinterlegen Sie sie neu, zusammen mit dem Token, und wiederholen Sie die Prüfung (den Befehl "
            "nennt «staffetta check TENANT»).",
        ),
        Words(
            "The stored address of the application is of no use.",
            "Enter it anew, together with the token, and repeat the check («staffetta check TENANT» names "
            "the command).",
        ),
    ),
    Code.TARGET_TOKEN_UNFIT: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Das gespeicherte Token der Anwendung lässt sich nicht senden.",
            "Kopieren Sie das Token der Anwendung noch einmal, hinterlegen Sie es, und wiederholen Sie die "
            "Prüfung (den Befehl nennt «staffetta check TENANT»).",
        ),
        Words(
            "The stored token of the application cannot be sent.",
            "Enter the application's token once more, copied whole, and repeat the check («staffetta check "
            "TENANT» names the command).",
        ),
    ),
    Code.CREDENTIALS_UNREADABLE: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die gespeicherten Zugangsdaten lassen sich nicht als die dieses Mandanten öffnen; sie wurden "
            "beschädigt, vertauscht oder mit einem anderen Schlüssel verschlossen.",
            "Hinterlegen Sie die Zugangsdaten beider Seiten neu, von Personio und von der Anwendung (den "
            "Befehl nennt «staffetta check TENANT»), und wiederholen Sie die Prüfung. Sehen Sie nach, "
            "wer außer Staffetta in die Datenbank schreibt.",
        ),
        Words(
            "The stored credentials do not open as this tenant's; they were damaged, swapped or sealed under "
            "another key.",
            "Enter the credentials of both ends again, of Personio and of the application («staffetta "
            "tenant show TENANT» names the command), and repeat the check. Find out who else writes to the "
            "database.",
        ),
    ),
    Code.KEYS_UNREADABLE: Cause(
        Addressee.OPERATOR,
        Severity.FAILURE,
        Words(
            "Die Schlüssel dieses Mandanten öffnen sich nicht; nichts von ihm lässt sich lesen oder "
            "schreiben.",
            "Stellen Sie die Zeile des Mandanten aus einer Sicherung wieder her, oder starten Sie mit dem "
            "Hauptschlüssel, unter dem sie verschlossen wurde; wiederholen Sie dann die Prüfung. Verlorene "
            "Schlüssel öffnen nichts mehr.",
        ),
        Words(
            "The keys of this tenant do not open; nothing of it can be read or written.",
            "Restore the tenant's row from a backup, or start with the master key under which it was sealed; "
            "then repeat the check. Lost keys open nothing any more.",
        ),
    ),
}
