"""The human who answers cases: rightly or not, at once or late, once or twice, from what they read before."""

from domain.cases import Answer, Case, Ruled
from domain.ids import AccountId
from producers.on_demand import NotPossibleError
from producers.rule_case import CaseOverError, rule_case
from tests.simulation import happenings
from tests.simulation.company import Human
from tests.simulation.house import Crew, House, Tenant
from tests.simulation.operators import see_to

WRONG = 0.25
"""How often an answer is any of those that could be given."""

TWICE = 0.3
"""How often somebody answers once more, the same or not: the last answer counts."""

LATE_S = (0, 0, 5, 60, 600)

Choice = tuple[Answer, AccountId | None]


def answer_cases(house: House, tenant: Tenant, crew: Crew) -> None:
    """Answer what waits, perhaps wrongly."""
    for case in _waiting(tenant, crew):
        house.world.stage.sleep(house.world.dice.choice(LATE_S))
        for _ in range(2 if house.world.chance(TWICE) else 1):
            wrong = house.world.chance(WRONG)
            _answer(house, tenant, crew, case, _any(house, case) if wrong else _right(tenant, case))


def answer_cases_rightly(house: House, tenant: Tenant, crew: Crew) -> None:
    """Answer everything that waits as somebody does who asked the people in question."""
    for case in _waiting(tenant, crew):
        _answer(house, tenant, crew, case, _right(tenant, case))


def _waiting(tenant: Tenant, crew: Crew) -> list[Case]:
    with crew.store.read() as tx:
        return [case for case in tx.cases.standing(tenant.tenant_id) if case.waits]


def _right(tenant: Tenant, case: Case) -> Choice:
    account_id = tenant.book.register.right(case)
    return (Answer.CREATE, None) if account_id is None else (Answer.LINK, account_id)


def _any(house: House, case: Case) -> Choice:
    links: list[Choice] = [(Answer.LINK, each.account_id) for each in case.candidates]
    return house.world.dice.choice([*links, (Answer.CREATE, None), (Answer.IGNORE, None)])


def _answer(house: House, tenant: Tenant, crew: Crew, case: Case, choice: Choice) -> None:
    """Give an answer and have it acted upon; where a name is in the way, it is taken away as advised."""
    answer, account_id = choice
    register, world = tenant.book.register, house.world
    world.say(f"{tenant.tenant_id}: {case.kind} of {case.person_id}: {answer} {account_id or ''}")
    about = [each.account_id for each in case.candidates]
    facts = tenant.book.facts(case.person_id, about)
    register.say(case, answer, account_id)
    ruled = Ruled(answer, "anna", "asked them", account_id)
    target = crew.desk.accounts.target(tenant.tenant_id)
    try:
        rule_case(tenant.tenant_id, case.case_id, ruled, store=crew.store, target=target, replace=True)
    except CaseOverError:
        world.say(f"{tenant.tenant_id}: {case.kind} of {case.person_id} is over; nothing was stored")
        return
    except NotPossibleError as error:
        world.say(f"{tenant.tenant_id}: not possible: {str(error)[:60]}")
        for each in about if answer is Answer.CREATE else ():
            if each in register.strays:
                happenings.rename_by_hand(tenant, each)
        return
    human = tenant.personio.company.humans[case.person_id]
    if _is_known(house, tenant, human):
        register.heed(case, answer, account_id, facts, human.email)
    see_to(house, tenant, crew, case.person_id)


def _is_known(house: House, tenant: Tenant, human: Human) -> bool:
    """Tell whether the house was told of somebody as they are; else the case speaks of who they were."""
    with house.store.read() as tx:
        seen = tx.people.snapshot(tenant.tenant_id, human.person_id)
    known = seen.values if seen is not None and seen.values is not None else {}
    return bool(known) and known.items() <= human.values().items()
