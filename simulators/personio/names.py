"""The names people bear: plain ones, and the ones that break software; each with its plain spelling."""

Name = tuple[str, str]
"""As the person writes it, and as it stands in an e-mail address."""

PLAIN_FIRST: tuple[str, ...] = (
    *("Anna", "Ben", "Carla", "David", "Emma", "Felix", "Greta", "Hannah", "Ivan", "Julia", "Karim", "Lena"),
    *("Marco", "Nina", "Oliver", "Paula", "Quentin", "Rosa", "Samuel", "Tanja", "Umberto", "Vera", "Walter"),
    *("Xenia", "Yasmin", "Zoe", "Amara", "Bruno", "Clara", "Dario", "Elif", "Fabian", "Giulia", "Henry"),
    *("Ines", "Jonas", "Katrin", "Leon", "Mia", "Noah", "Olga", "Peter", "Ruth", "Stefan", "Thea", "Uma"),
)

PLAIN_LAST: tuple[str, ...] = (
    *("Becker", "Conti", "Dietrich", "Engel", "Fischer", "Graf", "Hoffmann", "Ivanov", "Jansen", "Keller"),
    *("Lang", "Meyer", "Novak", "O'Neill", "Peters", "Quast", "Richter", "Schmidt", "Thomas", "Ullrich"),
    *(
        "Vogel",
        "Weber",
        "Xavier",
        "Young",
        "Ziegler",
        "van der Berg",
        "Albrecht",
        "Brandt",
        "Costa",
        "Duarte",
    ),
    *("Ebert", "Franke", "Gupta", "Huber", "Iqbal", "Jung", "Krause", "Lehmann", "Moreau", "Nguyen", "Otto"),
    *("Pohl", "Rossi", "Sommer", "Tanaka", "Unger", "Voss", "Winter", "Yilmaz", "Zimmermann", "Smith-Jones"),
)

SPECIAL_FIRST: tuple[Name, ...] = (
    *(
        ("Jürgen", "juergen"),
        ("Łukasz", "lukasz"),
        ("Zoë", "zoe"),
        ("François", "francois"),
        ("Søren", "soeren"),
    ),
    *(
        ("İpek", "ipek"),
        ("Đức", "duc"),
        ("Žofie", "zofie"),
        ("Åsa", "asa"),
        ("Núria", "nuria"),
        ("Ştefan", "stefan"),
    ),
    *(("Иван", "ivan"), ("Ελένη", "eleni"), ("秀英", "xiuying"), ("عائشة", "aisha"), ("אורי", "uri")),
    *(("Rene\u0301", "rene"), ("Björk", "bjoerk"), ("Anaïs", "anais"), ("Ōta", "ota"), ("Þóra", "thora")),
)
"""René is written with a combining accent on purpose: two spellings of one name are not the same bytes."""

SPECIAL_LAST: tuple[Name, ...] = (
    *(("Müller", "mueller"), ("Groß", "gross"), ("Ångström", "angstroem"), ("Ó Briain", "obriain")),
    *(("Nuñez", "nunez"), ("Şahin", "sahin"), ("Kowalczyková", "kowalczykova"), ("Dvořák", "dvorak")),
    *(
        ("Петров", "petrov"),
        ("Παπαδόπουλος", "papadopoulos"),
        ("王", "wang"),
        ("김", "kim"),
        ("حداد", "haddad"),
    ),
    *(("Çelik", "celik"), ("Wałęsa", "walesa"), ("D’Angelo", "dangelo"), ("Jørgensen", "joergensen")),
    *(
        ("Höß-Jäger", "hoess-jaeger"),
        ("Lê", "le"),
        ("Ionescu‑Țepeș", "ionescu-tepes"),
        ("Gonçalves", "goncalves"),
    ),
)

POSITIONS: tuple[str, ...] = (
    *("Engineer", "Senior Engineer", "Analyst", "Consultant", "Designer", "Accountant", "Buyer", "Recruiter"),
    *("Account Executive", "Support Agent", "Product Manager", "Technician", "Werkstudent:in", "Controller"),
)

DEPARTMENTS: tuple[str, ...] = (
    *("Engineering", "Sales", "Customer Success", "Finance", "People & Culture", "Marketing", "Product"),
    *("Operations", "Legal", "IT", "Procurement", "Logistics", "Quality", "Forschung & Entwicklung"),
)

MANAGEMENT = "Geschäftsführung"


def plain(name: str) -> str:
    """Spell a plain name as the local part of an e-mail address does."""
    return name.lower().replace("'", "").replace(" ", "")
