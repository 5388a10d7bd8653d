"""The German of what rows, holds and cases say of single people; `domain/details.py` finds it."""

TERMS = {
    "24 hours": "24 Stunden",
    "7 days": "7 Tagen",
    "30 days": "30 Tagen",
    "legal entity": "Gesellschaft",
    "office": "Standort",
    "department": "Abteilung",
    "nobody": "niemanden",
    "is closed": "ist deaktiviert",
    "is to be closed": "soll deaktiviert werden",
    "would be closed": "würden deaktiviert",
    "would be closed without a date that has passed": "würden ohne vergangenes Austrittsdatum deaktiviert",
    "would be made": "würden angelegt",
    "would be made and invited": "würden angelegt und eingeladen",
    "would be opened again": "würden wieder geöffnet",
    "would get another unique name": "bekämen einen anderen eindeutigen Namen",
    "would be rewritten": "würden überschrieben",
    "would get another manager": "bekämen eine andere Führungskraft",
}
"""Words of a closed set inside a detail, as the brakes and units write them."""

_BEYOND = r"(\d+) accounts (would .+?)"
_RULE = r"rule (\d+) \(([^()]*)\)"
_SPAN = r"(24 hours|7 days|30 days)"
_UNIT = r"(legal entity|office|department)"

ROWS_GERMAN: tuple[tuple[str, str], ...] = (
    # whose an account is
    (r"(\d+) accounts carry this person's external id", r"\1 Konten tragen die externe ID dieser Person"),
    (
        r"the account with this person's external id is linked to another person",
        "das Konto mit der externen ID dieser Person ist mit einer anderen verknüpft",
    ),
    (
        rf"the account found by {_RULE} belongs to another person",
        r"das Konto, das Regel \1 (\2) findet, gehört einer anderen Person",
    ),
    (
        rf"the account found by {_RULE} carries a foreign external id",
        r"das Konto, das Regel \1 (\2) findet, trägt eine fremde externe ID",
    ),
    (
        rf"what {_RULE} found was another person's before",
        r"was Regel \1 (\2) findet, gehörte früher einer anderen Person",
    ),
    (
        rf"the account found by {_RULE} is closed; it may be a leaver's",
        r"das Konto, das Regel \1 (\2) findet, ist deaktiviert; vielleicht gehört es jemand Ausgeschiedenem",
    ),
    (rf"{_RULE} found (\d+)", r"Regel \1 (\2) findet \3"),
    (
        r"the account of person (\S+) has the same name and user name, and (is closed|is to be closed)",
        r"das Konto von Person \1 hat denselben Namen und Benutzernamen, und es \2",
    ),
    (
        r"the application did not answer yet about the accounts in question",
        "die Anwendung hat zu den fraglichen Konten noch nichts gesagt",
    ),
    (
        r"no new account can be made: an account of the application has the user name",
        "ein neues Konto lässt sich nicht anlegen: Ein Konto der Anwendung hat den Benutzernamen",
    ),
    (r"the account that was named is gone", "das genannte Konto gibt es nicht mehr"),
    (
        r"the account that was named belongs to another person",
        "das genannte Konto gehört einer anderen Person",
    ),
    (r"case (\S+): to be left alone", r"Fall \1: nicht anzurühren"),
    (r"an account appeared meanwhile", "inzwischen ist ein Konto erschienen"),
    (
        r"a second account of this person was closed, which a late request had made",
        "ein zweites Konto dieser Person, das eine verspätete Anfrage angelegt hatte, wurde deaktiviert",
    ),
    # what speaks for an account, and against it
    (_RULE, r"Regel \1 (\2)"),
    (r"external id", "externe ID"),
    (r"first and last name are equal", "Vor- und Nachname sind gleich"),
    (r"belongs to person (\S+)", r"gehört Person \1"),
    (
        r"carries the external id of another system or person",
        "trägt die externe ID eines anderen Systems oder einer anderen Person",
    ),
    (r"was another person's account before", "war früher das Konto einer anderen Person"),
    (
        r"the user name was another person's before",
        "der Benutzername gehörte früher einer anderen Person",
    ),
    (r"is closed; it may be a leaver's", "ist deaktiviert; vielleicht gehört es jemand Ausgeschiedenem"),
    # who has a name
    (
        r"two people have the same e-mail or user name in Personio",
        "zwei Personen haben in Personio dieselbe E-Mail-Adresse oder denselben Benutzernamen",
    ),
    (r"held by the account of person (\S+)", r"ihn hat das Konto von Person \1"),
    (r"held by the closed account of person (\S+)", r"ihn hat das deaktivierte Konto von Person \1"),
    (
        r"held by the account of person (\S+), which an override leaves alone",
        r"ihn hat das Konto von Person \1, das eine Ausnahme unberührt lässt",
    ),
    (r"its holder keeps the name", "wer den Namen hat, behält ihn"),
    # brakes
    (
        r"(\d+) of (\d+) open accounts (would .+): half of the company or more",
        r"\1 von \2 offenen Konten \3: das halbe Unternehmen oder mehr",
    ),
    (
        rf"{_BEYOND} after (\d+) in the last {_SPAN}, (\d+) are open; (\d+) in {_SPAN} go by",
        r"\1 Konten \2, nach \3 in den letzten \4; \5 sind offen, \6 in \7 gehen durch",
    ),
    (
        rf"{_BEYOND}, (\d+) are open; (\d+) in {_SPAN} go by",
        r"\1 Konten \2; \3 sind offen, \4 in \5 gehen durch",
    ),
    (
        r"(\d+) of the (\d+) accounts in the application were recognised; (\d+) would be .+, (\d+) go by",
        r"\1 der \2 Konten in der Anwendung wurden erkannt, \3 würden daneben angelegt; \4 gehen durch",
    ),
    (
        rf"«(.+)» changes for (\d+) of (\d+) open accounts; (\d+) in {_SPAN} go by",
        r"«\1» ändert sich für \2 von \3 offenen Konten; \4 in \5 gehen durch",
    ),
    (
        r"(\d+) people with (\d+) managers would all get (nobody|person \S+) as their manager",
        r"\1 Personen mit \2 Führungskräften bekämen alle \3 als Führungskraft",
    ),
    (
        r"(\d+) people would get name and unique name of one another: their ids look exchanged",
        r"\1 Personen bekämen Namen und eindeutigen Namen voneinander: Ihre IDs wirken vertauscht",
    ),
    (
        r"(\d+) people would exchange their unique names with one another; (\d+) go by",
        r"\1 Personen würden ihre eindeutigen Namen untereinander tauschen; \2 gehen durch",
    ),
    (
        r"(.+) would change, by which the application knows who runs it",
        r"\1 würde sich ändern; daran erkennt die Anwendung, wer sie verwaltet",
    ),
    (
        r"the application says that this account runs it",
        "die Anwendung sagt, dass dieses Konto sie verwaltet",
    ),
    (r"this account is on the list \[guards\] protect", "dieses Konto steht auf der Liste [guards] protect"),
    (rf"{_UNIT} «(.+)», (\d+) people", r"\1 «\2», \3 Personen"),
    (rf"one {_UNIT}, (\d+) people", r"\1 ohne Namen, \2 Personen"),
    (
        rf"missing in the same reading as all of {_UNIT} «(.+)», (\d+) people",
        r"fehlt in derselben Lesung wie alle aus: \1 «\2», \3 Personen",
    ),
    (
        rf"missing in the same reading as all of one {_UNIT}, (\d+) people",
        r"fehlt in derselben Lesung wie alle aus: \1 ohne Namen, \2 Personen",
    ),
    (r"until somebody ends it", "bis jemand sie beendet"),
    # what became of a row
    (
        r"the application agreed, and kept what it had at: (.+)",
        r"die Anwendung hat zugesagt und behielt ihren Wert bei: \1",
    ),
    (
        r"the application agreed, and still shows the account closed",
        "die Anwendung hat zugesagt und zeigt das Konto weiterhin deaktiviert",
    ),
    (r"tried (\d+) times", r"\1-mal versucht"),
    (r"the account is not linked any more", "das Konto ist nicht mehr verknüpft"),
    (r"there is no open account any more", "es gibt kein offenes Konto mehr"),
    (r"no account of ours belongs to this person", "zu dieser Person gehört kein Konto von uns"),
    (r"Personio shows the person again", "Personio zeigt die Person wieder"),
    (r"Personio shows the person as employed again", "Personio zeigt die Person wieder als beschäftigt"),
    (
        r"Personio shows the person as one with an account again",
        "Personio zeigt die Person wieder als eine, die ein Konto hat",
    ),
    (r"the person came back", "die Person ist zurückgekommen"),
    (r"the person has an open account", "die Person hat ein offenes Konto"),
    (r"edited in the application since: (.+)", r"seitdem in der Anwendung bearbeitet: \1"),
    (r"the account was opened by hand", "das Konto wurde von Hand geöffnet"),
    (
        r"the account has the external id of somebody else",
        "das Konto trägt die externe ID von jemand anderem",
    ),
    (
        r"the account was renamed, and has no external id any more",
        "das Konto wurde umbenannt und hat keine externe ID mehr",
    ),
    (r"an earlier try had made the account", "ein früherer Versuch hatte das Konto angelegt"),
    (r"an earlier try had linked the account", "ein früherer Versuch hatte das Konto verknüpft"),
    (
        r"looked for by our id only: its values were not kept so long",
        "nur nach unserer ID gesucht: Seine Werte werden nicht so lange aufbewahrt",
    ),
    (
        r"waiting until a lost create would be visible",
        "es wird gewartet, bis ein verlorenes Anlegen sichtbar wäre",
    ),
    (
        r"HTTP 202: agreed to for later, and not shown yet",
        "HTTP 202: für später zugesagt und noch nicht zu sehen",
    ),
    (r"another run has done the same by now", "ein anderer Lauf hat dasselbe inzwischen getan"),
    (r"another run has the same in hand", "ein anderer Lauf hat dasselbe in Arbeit"),
    (r"another change of this person is under way", "eine andere Änderung dieser Person ist unterwegs"),
    (r"a newer plan wants something else", "ein neuerer Plan will etwas anderes"),
    (r"nobody decided in time; asked anew", "niemand hat rechtzeitig entschieden; es wird neu gefragt"),
    (r"nobody applied this plan in time", "niemand hat diesen Plan rechtzeitig angewendet"),
    (r"not wanted any more", "nicht mehr gewollt"),
    (r"read again since", "seitdem noch einmal gelesen"),
    (r"not in Personio any more", "nicht mehr in Personio"),
    (r"asked once more: not proven gone any more", "noch einmal gefragt: nicht mehr als weg erwiesen"),
    (r"the account was not closed", "das Konto wurde nicht deaktiviert"),
    (r"waits for the account of this person", "wartet auf das Konto dieser Person"),
    (r"waits for the account of person (\S+)", r"wartet auf das Konto von Person \1"),
    (r"until (\d{4}-\d\d-\d\d)", r"bis \1"),
    (r"the worker died each time", "der Prozess starb jedes Mal"),
    (
        r"a row that only closes another one was released",
        "eine Zeile, die nur eine andere abschließt, wurde freigegeben",
    ),
)
"""What a row's detail says in English, as a pattern, and in German; groups that are TERMS are said so too."""
