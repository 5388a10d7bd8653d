"""What happens in the model companies, and to the credentials that read them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from domain.account import Account, AccountDraft, Scalar
from domain.changes import Action, Change
from domain.ids import AccountId
from tests.simulation.company import ACTIVE, EXTERNAL, INACTIVE, INTERNAL, ON_LEAVE, UNITS, Company, Human
from tests.simulation.house import Tenant
from tests.simulation.register import Former, Stray
from tests.simulation.source import Lie
from tests.simulation.storms import a_storm
from tests.simulation.world import World

FEWEST = 2
MANY = 6
"""One more than the failures in a row after which an application rests."""

MARKING = ("userName", "employeeNumber")
_NUMBERED = ["two", "two", "two", "free number", "closed number"]
"""Where accounts are recognised by two rules, what is made by hand may speak for somebody by either."""

CURED = 0.6
"""How often HR does as it is told where an id was used again; else the question stays."""

TICKED = ("position", "department", "supervisor", "termination_date", "email", "status", "employment_type")

LIES = (*list(Lie)[1:], *[Lie.GAP] * 4, Lie.SHORT_AND_ADDED_UP)
"""Gaps most often: only they look as if somebody was gone."""

Happening = Callable[[Tenant, World], None]


def happen(tenant: Tenant, world: World, what: str) -> None:
    """Let one thing happen, if there is anybody to whom it can."""
    before = dict(tenant.personio.company.humans)
    HAPPENINGS[what](tenant, world)
    after = tenant.personio.company.humans
    who = [person_id for person_id in after if before.get(person_id) != after[person_id]]
    world.say(f"{tenant.tenant_id}: {what} {who}")


def _someone(dice: Random, people: list[Human]) -> Human | None:
    return people[dice.randrange(len(people))] if people else None


def _two(dice: Random, people: list[Human]) -> list[Human]:
    return dice.sample(people, 2) if len(people) > 1 else []


def hire(tenant: Tenant, world: World) -> None:
    """Let somebody begin, perhaps under a manager."""
    company, dice = tenant.personio.company, world.dice
    boss = _someone(dice, company.working)
    company.hire(dice.choice(UNITS), boss=boss.person_id if boss and dice.random() < 0.7 else None)


def leave(tenant: Tenant, world: World) -> None:
    """Let somebody leave, with or without a day that is told."""
    company = tenant.personio.company
    human = _someone(world.dice, company.working)
    if human is not None and len(company.working) > FEWEST:
        _end(company, human, world)


def _end(company: Company, human: Human, world: World) -> None:
    day = world.clock.at.date() - timedelta(days=1) if world.dice.random() < 0.6 else None
    company.change(human.person_id, status=INACTIVE, last_day=day)


def nearly_all_leave(tenant: Tenant, world: World) -> None:
    """Let everybody but two leave at once: so a wrong click looks, or the end of a company."""
    for human in tenant.personio.company.working[FEWEST:]:
        _end(tenant.personio.company, human, world)


def come_back(tenant: Tenant, world: World) -> None:
    """Employ somebody again under the same id, with another address if theirs was given away."""
    company = tenant.personio.company
    human = _someone(world.dice, company.gone)
    if human is not None:
        taken = {each.email for each in company.working}
        email = company.fresh_email() if human.email is None or human.email in taken else human.email
        company.change(human.person_id, status=ACTIVE, last_day=None, email=email)


def come_back_anew(tenant: Tenant, world: World) -> None:
    """Employ somebody again under a new id, with the same name and address; the old one may be another's."""
    company, register = tenant.personio.company, tenant.book.register
    human = _someone(world.dice, [*company.gone, *register.ghosts])
    if human is None or human.email in {each.email for each in company.working}:
        return
    again = company.hire(human.unit, email=human.email)
    proven = tenant.book.has_numbers and world.dice.random() < 0.5
    number = human.number if proven else again.number
    company.change(again.person_id, first=human.first, last=human.last, number=number)
    register.former[again.person_id] = Former(human.person_id, human in register.ghosts, proven)
    register.ghosts = [each for each in register.ghosts if each != human]


def reuse_id(tenant: Tenant, world: World) -> None:
    """Let somebody begin under the id of one who left, or whose record is gone."""
    company, book = tenant.personio.company, tenant.book
    free = [each for each in company.humans.values() if each.gone or each.status == INACTIVE]
    human = _someone(world.dice, sorted(free, key=lambda each: each.person_id))
    if human is not None:
        book.give_away(human)
        company.reuse(human.person_id, world.dice.choice(UNITS))


def hire_anew(tenant: Tenant, world: World) -> None:
    """Do as is advised where an id is another person's: end it, and add them anew."""
    company, register = tenant.personio.company, tenant.book.register
    for human in company.working:
        if register.is_anothers(human.person_id) and world.dice.random() < CURED:
            company.change(human.person_id, status=INACTIVE)
            again = company.hire(human.unit, email=human.email)
            company.change(again.person_id, first=human.first, last=human.last)
            world.say(f"{tenant.tenant_id}: {human.person_id} is {again.person_id} from now on")


def marry(tenant: Tenant, world: World) -> None:
    """Give somebody another name and address."""
    company = tenant.personio.company
    human = _someone(world.dice, company.working)
    if human is not None:
        company.change(human.person_id, last=f"{human.last}x", email=company.fresh_email())


def promote(tenant: Tenant, world: World) -> None:
    """Give somebody another job."""
    human = _someone(world.dice, tenant.personio.company.working)
    if human is not None:
        promote_one(tenant, world, human)


def promote_one(tenant: Tenant, world: World, human: Human) -> None:
    """Give this person another job."""
    tenant.personio.company.change(human.person_id, position=f"Job {world.dice.randrange(1000)}")


def promote_back(tenant: Tenant, world: World) -> None:
    """Give somebody the job that they had before: an old value that is new again."""
    company = tenant.personio.company
    human = _someone(world.dice, company.working)
    if human is not None:
        company.change(human.person_id, position=company.past[human.person_id][0].position)


def move(tenant: Tenant, world: World) -> None:
    """Give somebody another manager, or none."""
    company = tenant.personio.company
    human, boss = _someone(world.dice, company.working), _someone(world.dice, company.working)
    if human is not None and boss is not None:
        nobody = human == boss or world.dice.random() < 0.2
        company.change(human.person_id, boss=None if nobody else boss.person_id)


def change_unit(tenant: Tenant, world: World) -> None:
    """Send somebody to the other unit."""
    company = tenant.personio.company
    human = _someone(world.dice, company.working)
    if human is not None:
        company.change(human.person_id, unit=UNITS[1 - UNITS.index(human.unit)])


def swap(tenant: Tenant, world: World) -> None:
    """Let two people swap their addresses."""
    company, two = tenant.personio.company, _two(world.dice, tenant.personio.company.working)
    if two:
        company.change(two[0].person_id, email=two[1].email)
        company.change(two[1].person_id, email=two[0].email)


def circle(tenant: Tenant, world: World) -> None:
    """Let three people pass their addresses on in a circle."""
    company = tenant.personio.company
    if len(company.working) < 3:
        return
    three = world.dice.sample(company.working, 3)
    for human, following in zip(three, (*three[1:], three[0]), strict=True):
        company.change(human.person_id, email=following.email)


def share(tenant: Tenant, world: World) -> None:
    """Give somebody an address that a colleague has, by mistake."""
    company, two = tenant.personio.company, _two(world.dice, tenant.personio.company.working)
    if two:
        company.change(two[0].person_id, email=two[1].email)


def take_over(tenant: Tenant, world: World) -> None:
    """Let somebody leave whose address a joiner takes."""
    company = tenant.personio.company
    human = _someone(world.dice, company.working)
    if human is not None and len(company.working) > FEWEST:
        email = human.email
        _end(company, human, world)
        company.change(human.person_id, email=None if world.dice.random() < 0.5 else email)
        company.hire(world.dice.choice(UNITS), email=email)


def turn_external(tenant: Tenant, world: World) -> None:
    """Turn an employee into a contractor, or a contractor into an employee."""
    company = tenant.personio.company
    human = _someone(world.dice, company.working)
    if human is not None:
        company.change(human.person_id, kind=EXTERNAL if human.kind == INTERNAL else INTERNAL)


def take_leave(tenant: Tenant, world: World) -> None:
    """Let somebody go on leave, or come back from it: no reason to close anything."""
    company = tenant.personio.company
    human = _someone(world.dice, company.working)
    if human is not None:
        company.change(human.person_id, status=ON_LEAVE if human.status == ACTIVE else ACTIVE)


def erase(tenant: Tenant, world: World) -> None:
    """Remove a record, mostly of somebody who left long ago."""
    company = tenant.personio.company
    some = company.gone if world.dice.random() < 0.5 else company.here
    human = _someone(world.dice, some)
    if human is not None and (human.status == INACTIVE or len(company.working) > FEWEST):
        company.change(human.person_id, gone=True)


def untick(tenant: Tenant, world: World) -> None:
    """Take the right to read an attribute away."""
    tenant.personio.hidden |= {world.dice.choice(TICKED)}


def tick(tenant: Tenant, world: World) -> None:
    """Give every right back."""
    tenant.personio.hidden = frozenset()


def lie(tenant: Tenant, world: World) -> None:
    """Let the feed be wrong from now on."""
    if tenant.personio.lie is Lie.NONE:
        tenant.personio.lie = world.dice.choice(LIES)
        tenant.personio.lie_dice = world.dice.randrange(1000)
        tenant.personio.mute_by_id = world.dice.random() < 0.2
        world.say(f"{tenant.tenant_id}: from now on the feed is {tenant.personio.lie.name}")


def break_feed(tenant: Tenant) -> None:
    """Let the feed be none from now on: a run that reads it fails."""
    tenant.personio.lie = Lie.NO_PAGE


def be_honest(tenant: Tenant, world: World) -> None:
    """Let the feed be right again."""
    tenant.personio.lie, tenant.personio.mute_by_id = Lie.NONE, False


def refuse_credentials(tenant: Tenant, world: World) -> None:
    """Refuse the credential of one end."""
    if world.dice.random() < 0.5:
        tenant.personio.refused = True
    else:
        tenant.app.refused = True


def accept_credentials(tenant: Tenant, world: World) -> None:
    """Accept the credentials of both ends again."""
    tenant.personio.refused = tenant.app.refused = False


def refuse_person(tenant: Tenant, world: World) -> None:
    """Let the application refuse whatever is sent for one person."""
    human = _someone(world.dice, tenant.personio.company.working)
    if human is not None:
        tenant.app.refuses_people.add(f"{tenant.book.prefix}{human.person_id}")


def accept_people(tenant: Tenant, world: World) -> None:
    """Let the application refuse nobody any more."""
    tenant.app.refuses_people.clear()


def make_by_hand(tenant: Tenant, world: World) -> None:
    """Let an administrator make an account for somebody who begins then, or who only has the same address.

    Where nothing speaks against an account, it is theirs: nobody could know better.
    """
    company, dice, register = tenant.personio.company, world.dice, tenant.book.register
    if not tenant.book.config.match_rules:
        _meet_foreign(tenant, world)
        return
    kinds = ["free", "closed", "foreign", "foreign", *_NUMBERED * tenant.book.has_numbers]
    kind, email = dice.choice(kinds), _an_address(company, dice)
    theirs = kind in {"free", "free number"} or dice.random() < 0.7
    if any(each.values.get("userName") == email for each in tenant.app.inner.accounts):
        return
    number = company.fresh_number()
    made = [_account_by_hand(tenant, kind, marks) for marks in _marked(company, kind, email, number)]
    world.stage.sleep(tenant.app.lag.total_seconds() + 1)
    if email in {each.email for each in company.humans.values()}:
        return
    human = company.hire(dice.choice(UNITS), email=email, number=number)
    whose = [human.person_id if theirs else None, *[None] * (len(made) - 1)]
    if dice.random() < 0.5:
        whose.reverse()
    for account, belongs in zip(made, whose, strict=True):
        beside = next((each.account_id for each in made if each != account), None)
        marks = frozenset((path, account.values[path]) for path in MARKING if account.values.get(path))
        doubtful = kind not in {"free", "free number", "two"}
        register.strays[account.account_id] = Stray(belongs, marks, doubtful, beside)
    register.by_hand += 1
    world.say(f"{tenant.tenant_id}: {[each.account_id for each in made]} made by hand, {kind}, {theirs}")


def _marked(company: Company, kind: str, email: str, number: str) -> list[dict[str, Scalar]]:
    """Say what is written on accounts made by hand: the address, the number, or each on one of two."""
    other = company.fresh_email()
    match kind:
        case "two":
            return [{"userName": email}, {"userName": other, "employeeNumber": number}]
        case "free number" | "closed number":
            return [{"userName": other, "employeeNumber": number}]
        case _:
            return [{"userName": email}]


def _account_by_hand(tenant: Tenant, kind: str, marks: Mapping[str, Scalar]) -> Account:
    values = {**marks, "name.givenName": "By", "name.familyName": "Hand"}
    external_id = f"hr-{tenant.personio.company.made}" if kind == "foreign" else ""
    closed = kind in {"closed", "closed number"}
    return tenant.app.inner.create(AccountDraft(external_id, values, active=not closed))


def _an_address(company: Company, dice: Random) -> str:
    """Choose an address that nobody ever had, or one that somebody had before they got another."""
    once = {human.email for told in company.past.values() for human in told if human.email}
    free = sorted(once - {human.email for human in company.humans.values() if human.email})
    return dice.choice(free) if free and dice.random() < 0.4 else company.fresh_email()


def make_foreign(tenant: Tenant, world: World) -> None:
    """Let others have accounts beside ours, where tenants share one perhaps with the address of somebody."""
    company, dice = tenant.personio.company, world.dice
    for number in range(dice.choice([0, 1, 2])):
        human = _someone(dice, company.here) if tenant.book.prefix else None
        email = human.email if human is not None and dice.random() < 0.4 else company.fresh_email()
        if any(each.values.get("userName") == email for each in tenant.app.inner.accounts):
            continue
        external_id = dice.choice(["", f"hr-{tenant.tenant_id}-{number}"])
        tenant.app.made_by_others(AccountDraft(external_id, {"userName": email}, active=dice.random() < 0.7))


def _meet_foreign(tenant: Tenant, world: World) -> None:
    """Let others make an account, and somebody of ours begin with its address."""
    email = tenant.personio.company.fresh_email()
    tenant.app.made_by_others(AccountDraft(world.dice.choice(["", "hr-7"]), {"userName": email}, active=True))
    tenant.personio.company.hire(world.dice.choice(UNITS), email=email)


def rename_foreign(tenant: Tenant, _world: World) -> None:
    """Let others give an account another name that somebody of ours needs."""
    company, app = tenant.personio.company, tenant.app
    for account in app.foreign.values():
        if account.values.get("userName") in {each.email for each in company.working}:
            app.inner.update(account.account_id, {"userName": company.fresh_email()})
    app.foreign = {each.account_id: each for each in app.inner.accounts if each.account_id in app.foreign}


def rename_by_hand(tenant: Tenant, account_id: AccountId) -> None:
    """Let an administrator give an account that is somebody else's another name, as its case advises."""
    company, register = tenant.personio.company, tenant.book.register
    tenant.app.inner.update(account_id, {"userName": company.fresh_email()})
    register.strays.pop(account_id, None)
    register.by_hand += 1
    register.news[account_id] = tenant.book.world.clock.at


def break_loose(tenant: Tenant, world: World) -> None:
    """Let the application turn everybody away for a while, from the next write on."""
    storm = tenant.app.storm = a_storm(world.dice)
    what = "writes" if storm.of_writes else "everything"
    world.say(f"{tenant.tenant_id}: it will turn {what} away for {storm.lasts}, with {storm.status}")


def calm(tenant: Tenant, _world: World) -> None:
    """End the storm."""
    tenant.app.storm = None


def grow(tenant: Tenant, world: World) -> None:
    """Let so many begin at once that an application that turns them all away is known to be unwell."""
    for _ in range(MANY):
        hire(tenant, world)


def correct(tenant: Tenant, world: World, row: Change) -> None:
    """Let HR change once more what is on its way: a slip is seen soon after it was typed."""
    company, human = tenant.personio.company, tenant.personio.company.humans.get(row.person_id)
    if human is None or human.gone:
        return
    match row.action:
        case Action.DEACTIVATE:
            company.change(human.person_id, status=ACTIVE, last_day=None, kind=INTERNAL)
        case Action.REACTIVATE if len(company.working) > FEWEST:
            _end(company, human, world)
        case Action.SET_MANAGER:
            boss = _someone(world.dice, [each for each in company.working if each != human])
            company.change(human.person_id, boss=boss.person_id if boss and human.boss is None else None)
        case _:
            before, after = row.before or {}, row.after or {}
            _retype(
                company, human, [path for path in sorted(after) if before.get(path) != after[path]], world
            )
    world.say(f"{tenant.tenant_id}: correct ['{human.person_id}'] {row.action}")


def _retype(company: Company, human: Human, paths: list[str], world: World) -> None:
    """Change what these paths of the account tell."""
    others = {
        "userName": {"email": company.fresh_email()},
        "name.givenName": {"first": f"{human.first}y"},
        "name.familyName": {"last": f"{human.last}y"},
        "title": {"position": f"Job {world.dice.randrange(1000)}"},
        "department": {"unit": UNITS[1 - UNITS.index(human.unit)]},
        "employeeNumber": {"number": f"{human.number}y"},
    }
    for path in paths:
        company.change(human.person_id, **others[path])


HAPPENINGS: Mapping[str, Happening] = {
    each.__name__: each
    for each in (
        hire,
        leave,
        nearly_all_leave,
        come_back,
        come_back_anew,
        marry,
        promote,
        promote_back,
        move,
        change_unit,
        swap,
        circle,
        share,
        take_over,
        turn_external,
        take_leave,
        erase,
        untick,
        tick,
        lie,
        be_honest,
        refuse_credentials,
        accept_credentials,
        refuse_person,
        accept_people,
        make_by_hand,
        reuse_id,
    )
}
OFTEN: Mapping[str, int] = {
    "hire": 6,
    "leave": 5,
    "nearly_all_leave": 2,
    "promote": 8,
    "promote_back": 5,
    "marry": 3,
    "move": 4,
    "swap": 2,
    "take_over": 2,
    "lie": 6,
    "be_honest": 2,
    "make_by_hand": 3,
    "come_back_anew": 3,
    "reuse_id": 3,
}
NAMES = [name for name in HAPPENINGS for _ in range(OFTEN.get(name, 1))]


def heal(tenant: Tenant, world: World) -> None:
    """Let everything around one tenant be well again."""
    for cure in (tick, be_honest, accept_credentials, accept_people, calm):
        cure(tenant, world)
