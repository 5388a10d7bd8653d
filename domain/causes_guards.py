"""Why changes that nobody would believe at once wait for a human."""

from collections.abc import Mapping

from domain.cause import Addressee, Cause, Concerns, Severity, Words
from domain.codes import Code


def _asks(de: Words, en: Words) -> Cause:
    """Make the entry of a guard: the owner decides, people are counted, nothing was sent."""
    return Cause(Addressee.OWNER, Severity.WARNING, de, en, concerns=Concerns.PEOPLE, asks=True)


GUARDS: Mapping[Code, Cause] = {
    Code.GUARD_REMOVALS: _asks(
        Words(
            "Ein Lauf wollte ungewöhnlich viele Konten schließen; diese Änderungen warten auf Ihre "
            "Entscheidung.",
            "Prüfen Sie in Personio, ob diese Personen wirklich gegangen sind; geben Sie die Änderungen "
            "dann frei oder lehnen Sie sie ab.",
        ),
        Words(
            "A run wanted to close unusually many accounts; these changes wait for your decision.",
            "Check in Personio whether these people have really left; then approve the changes or reject "
            "them.",
        ),
    ),
    Code.GUARD_PROTECTED: _asks(
        Words(
            "Ein geschütztes Konto sollte geschlossen, herabgestuft oder umbenannt werden; das geschieht "
            "nie von selbst.",
            "Sorgen Sie dafür, dass jemand anderes die Anwendung verwalten kann, und geben Sie die "
            "Änderung dann frei oder lehnen Sie sie ab.",
        ),
        Words(
            "A protected account would be closed, demoted or renamed; that never happens by itself.",
            "Check that somebody else can run the application; then approve the change or reject it.",
        ),
    ),
    Code.GUARD_RIGHTS_UNTOLD: Cause(
        Addressee.OPERATOR,
        Severity.WARNING,
        Words(
            "Die Anwendung sagt nicht, ob dieses Konto sie verwaltet; es wird erst geschlossen, wenn sie "
            "es sagt.",
            "Prüfen Sie, ob die Anwendung einzelne Konten zeigt; der nächste Lauf fragt von selbst wieder.",
        ),
        Words(
            "The application does not tell whether this account runs it; it is closed only when it does.",
            "Check that the application shows single accounts; the next run asks again by itself.",
        ),
        concerns=Concerns.PEOPLE,
    ),
    Code.GUARD_CREATES: _asks(
        Words(
            "Ein Lauf wollte ungewöhnlich viele Konten anlegen; diese Änderungen warten auf Ihre "
            "Entscheidung.",
            "Prüfen Sie, ob so viele Personen neu sind oder ob ein Filter zu weit gefasst ist; geben Sie "
            "die Änderungen dann frei oder lehnen Sie sie ab.",
        ),
        Words(
            "A run wanted to make unusually many accounts; these changes wait for your decision.",
            "Check whether so many people are new, or a filter is too wide; then approve the changes or "
            "reject them.",
        ),
    ),
    Code.GUARD_FIRST_RUN: _asks(
        Words(
            "In der Anwendung gibt es schon viele Konten, die niemandem zugeordnet werden konnten; neue "
            "werden erst nach Ihrer Freigabe angelegt.",
            "Prüfen Sie, ob das Feld für die Zuordnung stimmt, sonst bekommt jede Person ein zweites "
            "Konto; geben Sie die neuen Konten dann frei.",
        ),
        Words(
            "The application has many accounts already that could be given to nobody; new ones are made "
            "only after your approval.",
            "Check whether the matching attribute is right, or everybody gets a second account; then "
            "approve the new accounts.",
        ),
    ),
    Code.GUARD_INVITATIONS: _asks(
        Words(
            "Ein Lauf wollte ungewöhnlich viele Einladungen auslösen; die neuen Konten warten auf Ihre "
            "Entscheidung.",
            "Prüfen Sie, wer eingeladen würde, denn eine verschickte Einladung lässt sich nicht "
            "zurückholen; geben Sie die Konten dann frei oder lehnen Sie sie ab.",
        ),
        Words(
            "A run would have caused unusually many invitations; the new accounts wait for your decision.",
            "Check who would be invited, for an invitation cannot be taken back; then approve the accounts "
            "or reject them.",
        ),
    ),
    Code.GUARD_REACTIVATIONS: _asks(
        Words(
            "Ein Lauf wollte ungewöhnlich viele geschlossene Konten wieder öffnen; diese Änderungen "
            "warten auf Ihre Entscheidung.",
            "Prüfen Sie in Personio, ob diese Personen wirklich zurück sind; geben Sie die Änderungen "
            "dann frei oder lehnen Sie sie ab.",
        ),
        Words(
            "A run wanted to open unusually many closed accounts again; these changes wait for your "
            "decision.",
            "Check in Personio whether these people are really back; then approve the changes or reject "
            "them.",
        ),
    ),
    Code.GUARD_RENAMES: _asks(
        Words(
            "Ein Lauf wollte ungewöhnlich vielen Personen einen anderen eindeutigen Namen geben, etwa "
            "eine andere E-Mail-Adresse; diese Änderungen warten auf Ihre Entscheidung.",
            "Prüfen Sie, ob die neuen Adressen schon gelten, sonst kann sich niemand mehr anmelden; geben "
            "Sie die Änderungen dann frei oder lehnen Sie sie ab.",
        ),
        Words(
            "A run wanted to give unusually many people another unique name, such as another e-mail "
            "address; these changes wait for your decision.",
            "Check whether the new addresses are in use already, or nobody can log in any more; then "
            "approve the changes or reject them.",
        ),
    ),
    Code.GUARD_UPDATES: _asks(
        Words(
            "Ein Lauf wollte bei ungewöhnlich vielen Personen etwas ändern; diese Änderungen warten auf "
            "Ihre Entscheidung.",
            "Prüfen Sie das genannte Feld in Personio und seine Zuordnung; geben Sie die Änderungen dann "
            "frei oder lehnen Sie sie ab.",
        ),
        Words(
            "A run wanted to rewrite unusually many accounts; these changes wait for your decision.",
            "Check the named field in Personio and its mapping; then approve the changes or reject them.",
        ),
    ),
    Code.GUARD_MANAGERS: _asks(
        Words(
            "Ein Lauf wollte ungewöhnlich vielen Personen eine andere Führungskraft geben; diese "
            "Änderungen warten auf Ihre Entscheidung.",
            "Prüfen Sie in Personio, wer die Vorgesetzten sind; geben Sie die Änderungen dann frei oder "
            "lehnen Sie sie ab.",
        ),
        Words(
            "A run wanted to give unusually many people another manager; these changes wait for your "
            "decision.",
            "Check in Personio who the supervisors are; then approve the changes or reject them.",
        ),
    ),
    Code.GUARD_SWAPS: _asks(
        Words(
            "Mehrere Personen würden ihre Namen untereinander tauschen; das sieht nach vertauschten "
            "Personalnummern aus und wartet auf Ihre Entscheidung.",
            "Vergleichen Sie diese Personen in Personio; geben Sie die Änderungen nur frei, wenn die "
            "Konten wirklich die Person wechseln sollen.",
        ),
        Words(
            "Several people would exchange their names with one another; that looks like mixed-up ids and "
            "waits for your decision.",
            "Check who these people are in Personio; approve the changes only if accounts are really meant "
            "to change hands.",
        ),
    ),
}
