"""The German of what we say about failures in our own words; `domain/details.py` finds it."""

GERMAN: tuple[tuple[str, str], ...] = (
    # Personio
    (r"refused with (HTTP \d{3})", r"abgelehnt mit \1"),
    (r"refused with (HTTP \d{3}), code (\S+)", r"abgelehnt mit \1, Code \2"),
    (r"login answered (HTTP \d{3})", r"die Anmeldung wurde mit \1 beantwortet"),
    (
        r"a token fresh from login was refused with (HTTP \d{3})",
        r"ein Token, das gerade ausgestellt war, wurde mit \1 abgelehnt",
    ),
    (
        r"login returned a token that fits into no header",
        "die Anmeldung ergab ein Token, das in keinen Header passt",
    ),
    (r"login answered success: false", "die Anmeldung wurde mit «success: false» beantwortet"),
    (r"answered (\S*) instead of JSON", r"die Antwort war \1 statt JSON"),
    (r"a record is no employee, at (\S+)", r"ein Datensatz ist keine Person, bei \1"),
    (r"no readable JSON of (\d+) bytes ?(\S*)", r"kein lesbares JSON in \1 Bytes \2"),
    (
        r"asked for (.+): (HTTP \d{3}) without Personio's envelope",
        r"\2 ohne die Form, in der Personio antwortet",
    ),
    (r"redirects are not followed", "Weiterleitungen wird nicht gefolgt"),
    (
        r"no time left after waiting for the rate limit",
        "nach dem Warten auf das Anfragelimit blieb keine Zeit",
    ),
    (r"our own limit is used up", "unser eigenes Limit ist aufgebraucht"),
    (r"an answer without success: true", "eine Antwort ohne «success: true»"),
    (r"asked for one person, got another", "nach einer Person gefragt, eine andere bekommen"),
    (r"record (\S+) of the answer has no usable id", r"Datensatz \1 der Antwort hat keine brauchbare ID"),
    (r"the cursor of this feed is no row count", "der Zeiger dieser Liste ist keine Zeilenzahl"),
    # readings
    (r"(\d+) people were known before", r"zuvor waren \1 Personen bekannt"),
    (r"(\d+) rows, none with an attribute", r"\1 Zeilen, keine mit einem Attribut"),
    (r"(\d+) of (\d+) known people found again", r"\1 von \2 bekannten Personen wiedergefunden"),
    (r"page (\d+) came before", r"Seite \1 kam schon einmal"),
    (r"a page that was read again tells strangers only", "eine nochmals gelesene Seite nennt nur Unbekannte"),
    (r"the first page", "die erste Seite"),
    (r"person (\S+)", r"Person \1"),
    (r"a run for one person names nobody", "ein Lauf für eine Person nennt niemanden"),
    (r"somebody read this person again meanwhile", "diese Person wurde inzwischen noch einmal gelesen"),
    (r"while concluding", "beim Schlussziehen"),
    (r"while reading", "beim Lesen"),
    # any end
    (
        r"HTTP 202: agreed to for later, and not shown yet",
        "HTTP 202: für später zugesagt und noch nicht zu sehen",
    ),
    (r"asked for one account, told another", "nach einem Konto gefragt, ein anderes bekommen"),
    (r"no connection", "keine Verbindung"),
    (r"no address", "keine Adresse"),
    (r"the name leads nowhere", "der Name führt nirgendwohin"),
    (r"no connection in time", "keine Verbindung in der erlaubten Zeit"),
    (r"no whole answer in time", "keine vollständige Antwort in der erlaubten Zeit"),
    (
        r"the connection broke or its answer was no HTTP",
        "die Verbindung brach ab, oder die Antwort war kein HTTP",
    ),
    (r"the answer is larger than (\d+) bytes", r"die Antwort ist größer als \1 Bytes"),
    (
        r"the compressed answer is (?:damaged|cut off)",
        "die komprimierte Antwort ist unvollständig oder beschädigt",
    ),
    (
        r"the answer is encoded in a way that we did not ask for",
        "die Antwort ist auf eine Weise kodiert, um die wir nicht gebeten haben",
    ),
    (
        r"(\S+): plain HTTP is not allowed; use https",
        r"\1: unverschlüsseltes HTTP ist nicht erlaubt, sondern https",
    ),
    (
        r"(\S+): plain HTTP is not allowed outside your own network; use https",
        r"\1: unverschlüsseltes HTTP ist außerhalb des eigenen Netzes nicht erlaubt, sondern https",
    ),
    (
        r"(\S+): port (\d+) is not allowed; use (\d+) or (\d+)",
        r"\1: Port \2 ist nicht erlaubt, sondern \3 oder \4",
    ),
    (
        r"(\S+): leads to an address inside a network that is not allowed",
        r"\1: führt zu einer Adresse in einem Netz, das nicht erlaubt ist",
    ),
    # the application
    (r"there is no (\S+) below this address", r"unter dieser Adresse gibt es kein \1"),
    (r"the body is no account", "die Antwort ist kein Konto"),
    (r"the body is no list", "die Antwort ist keine Liste"),
    (r"the body is not what SCIM asks for", "die Antwort ist nicht, was SCIM verlangt"),
    (r"an error behind a good status", "ein Fehler unter einem Status, der Erfolg sagt"),
    (r"an account without an id", "ein Konto ohne ID"),
    (r"a redirect", "eine Weiterleitung"),
    (r"not SCIM's way to say no", "so sagt SCIM nicht nein"),
    (r"the list repeats a page", "die Liste wiederholt eine Seite"),
    (r"the list ends before its total", "die Liste endet vor ihrer Gesamtzahl"),
    (r"the list does not end", "die Liste endet nicht"),
    (
        r"the accounts are of SCIM 1\.1; this is no address of 2\.0",
        "die Konten sind von SCIM 1.1; das ist keine Adresse von 2.0",
    ),
    (r"made, but the target does not show it", "angelegt, aber die Anwendung zeigt es nicht"),
    (r"(HTTP \d{3}) once, and not again", r"\1, beim zweiten Versuch nicht mehr"),
    (r"(HTTP \d{3}), and another account has this name", r"\1, und ein anderes Konto hat diesen Namen"),
    (r"(HTTP \d{3}), and the account bears another id", r"\1, und das Konto trägt eine andere ID"),
    (r"(HTTP \d{3}), and others are told", r"\1, während andere Konten gezeigt werden"),
    (
        r"(HTTP \d{3}) to this request, although the account is there",
        r"\1 auf diese Anfrage, obwohl das Konto da ist",
    ),
    (
        r"(HTTP \d{3}) to this request, although the team is there",
        r"\1 auf diese Anfrage, obwohl das Team da ist",
    ),
    (
        r"agreed to, and the account still shows itself as active",
        "zugesagt, doch das Konto zeigt sich weiterhin als aktiv",
    ),
    (
        r"agreed to, and the team shows it as before",
        "zugesagt, doch das Team zeigt sich weiterhin wie zuvor",
    ),
    (
        r"the target takes everybody out of a team where one is named",
        "die Anwendung nimmt alle aus einem Team, wo eine Person genannt wird",
    ),
    (r"somebody else keeps changing this account", "jemand anderes ändert dieses Konto fortwährend"),
    (r"a value is not valid Unicode", "ein Wert ist kein gültiges Unicode"),
    (
        r"the target gave this account an id that fits in no address",
        "die Anwendung gab diesem Konto eine ID, die in keine Adresse passt",
    ),
    (
        r"the target filters nothing and has too many accounts to read them all",
        "die Anwendung filtert nicht und hat zu viele Konten, um alle zu lesen",
    ),
    # settings
    (r"version (\d+) cannot be read \((\S+)\)", r"Version \1 ist nicht lesbar (\2)"),
    (r"version (\d+) is not there", r"Version \1 gibt es nicht"),
    (r"there is none", "es gibt keine"),
    (r"it is no URL", "sie ist keine URL"),
    (
        r"a path starts with one «/», is percent-encoded and holds no query or fragment",
        "ein Pfad beginnt mit einem «/», ist prozentkodiert und enthält weder «?» noch «#»",
    ),
    (r"a path holds no «\.» or «\.\.» segments", "ein Pfad enthält keine Abschnitte «.» oder «..»"),
    (
        r"header (.+): only visible ASCII fits into a header",
        r"Header \1: nur sichtbares ASCII passt in einen Header",
    ),
    (r"the keys of tenant «(.+)» do not open as this tenant's", r"die Schlüssel gehören nicht zu «\1»"),
    (r"tenant «(.+)» has no keys: it does not exist, or was shredded", r"«\1» hat keine Schlüssel mehr"),
    (
        r"the keys of tenant «(.+)» need master key (\S+), the present one is (\S+)\. Start with .+",
        r"sie brauchen den Hauptschlüssel \2, der jetzige ist \3",
    ),
    # ourselves
    (
        r"a value of «(.+)» names key (\S+), the present key is (\S+)",
        r"ein Wert von «\1» nennt den Schlüssel \2, der jetzige ist \3",
    ),
    (
        r"a value of «(.+)» was damaged, or was copied from another tenant or field",
        r"ein Wert von «\1» wurde beschädigt oder aus einem anderen Mandanten oder Feld kopiert",
    ),
    (r"(\d+) changes were tried again", r"\1 Änderungen wurden noch einmal versucht"),
    (r"the first on (\S+)", r"die erste am \1"),
    (r"last success: (\S+)", r"letzter Erfolg: \1"),
    (r"([a-z.-]+) since (\S+)", r"\1 seit \2"),
    (r"(\d+) % or more of (\d+) MiB", r"\1 % oder mehr von \2 MiB"),
    (r"no owner's address is known", "von niemandem ist eine Adresse bekannt"),
    (r"((?:\d+, )*)no e-mail address", r"\1keine E-Mail-Adresse"),
    (r"a payload (.*) is not known here", r"eine Nachricht der Art \1 ist hier unbekannt"),
)
"""What a detail says in English, as a pattern, and in German."""
