"""How Personio's screens call the standard attributes, in German and in English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.cause import Language


@dataclass(frozen=True, slots=True)
class Label:
    """The name of one attribute in both languages of Personio."""

    de: str
    en: str


LABELS: Mapping[str, Label] = {
    "id": Label("Personio-ID", "Personio ID"),
    "first_name": Label("Vorname", "First name"),
    "last_name": Label("Nachname", "Last name"),
    "preferred_name": Label("Bevorzugter Name", "Preferred name"),
    "email": Label("E-Mail", "Email"),
    "gender": Label("Geschlecht", "Gender"),
    "status": Label("Status", "Status"),
    "position": Label("Position", "Position"),
    "supervisor": Label("Vorgesetzter", "Supervisor"),
    "employment_type": Label("Anstellungsart", "Employment type"),
    "weekly_working_hours": Label("Wochenstunden", "Weekly hours"),
    "hire_date": Label("Anstelldatum", "Hire date"),
    "contract_end_date": Label("Vertragsende", "Contract ends"),
    "termination_date": Label("Austrittsdatum", "Termination date"),
    "termination_type": Label("Kündigungsart", "Termination type"),
    "termination_reason": Label("Kündigungsgrund", "Termination reason"),
    "probation_period_end": Label("Ende der Probezeit", "Probation period end"),
    "last_working_day": Label("Letzter Arbeitstag", "Last day of work"),
    "created_at": Label("Erstellt am", "Created at"),
    "last_modified_at": Label("Zuletzt geändert", "Last modified"),
    "subcompany": Label("Gesellschaft", "Subcompany"),
    "office": Label("Standort", "Office"),
    "department": Label("Abteilung", "Department"),
    "team": Label("Team", "Team"),
    "cost_centers": Label("Kostenstelle", "Cost center"),
    "holiday_calendar": Label("Feiertage", "Public holidays"),
    "absence_entitlement": Label("Abwesenheitsanspruch", "Absence entitlement"),
    "work_schedule": Label("Arbeitsplan", "Work schedule"),
    "fix_salary": Label("Fixgehalt", "Fixed salary"),
    "fix_salary_interval": Label("Zahlungsintervall", "Salary interval"),
    "hourly_salary": Label("Stundenlohn", "Hourly salary"),
    "profile_picture": Label("Profilbild", "Profile picture"),
    "universal:iban": Label("IBAN", "IBAN"),
    "universal:date_of_birth": Label("Geburtsdatum", "Date of birth"),
}
"""Personio translates its standard attributes; custom ones (`dynamic_…`) have only the company's label."""


def labelled(source: str, language: Language) -> str:
    """Write an attribute as a reader finds it in Personio, its key behind it: «E-Mail» (email).

    A key that we have no label for (`dynamic_4711`) is written as it is.
    """
    label = LABELS.get(source) or LABELS.get(source.partition(".")[0])
    if label is None:
        return source
    return f"«{label.de if language is Language.DE else label.en}» ({source})"


CUSTOM = re.compile(r"(?<![\w(«])dynamic_\w+(?! «)")
"""A custom attribute that is named by its key alone; behind a label it stands in brackets."""


def with_labels(text: str, labels: Mapping[str, str]) -> str:
    """Write the company's own label in front of each custom attribute that a text names by its key alone."""
    return CUSTOM.sub(lambda key: f"«{labels[key[0]]}» ({key[0]})" if key[0] in labels else key[0], text)
