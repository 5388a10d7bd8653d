"""What every target must do: inherit `TargetContract`, provide a fresh target, and you are one."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import ClassVar

import pytest

from domain.account import Account, AccountDraft, Scalar
from domain.codes import Code
from domain.errors import AccountGoneError, KeyTakenError
from domain.ids import AccountId
from domain.ports_world import Lookup, Target

NOBODY = AccountId("there-is-no-such-account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Say which path of the target plays which part in the suite."""

    key: str = "userName"
    """Unique among all accounts, compared without case."""
    given_name: str = "name.givenName"
    family_name: str = "name.familyName"
    title: str = "title"
    """Free text that may be empty."""
    email: str = 'emails[type eq "work"].value'
    """May be empty, need not be unique."""
    department: str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"

    @property
    def paths(self) -> frozenset[str]:
        """Name every path that the target under test must be mapped to."""
        return frozenset(
            (self.key, self.given_name, self.family_name, self.title, self.email, self.department)
        )


class TargetContract(ABC):
    """Thirty-odd sentences about a target. Give pages of three or so, to see paging at work."""

    roles: ClassVar[Roles] = Roles()

    @pytest.fixture
    @abstractmethod
    def target(self) -> Target:
        """Provide an empty target that is mapped to `roles.paths`."""

    # Building blocks

    def draft(
        self, key: str, *, external_id: str | None = None, active: bool = True, **parts: Scalar
    ) -> AccountDraft:
        """Describe an account; `parts` are named by their role."""
        values = self.values(key=key, given_name="Ada", family_name="Byron", **parts)
        return AccountDraft(external_id=external_id or f"x-{key}", values=values, active=active)

    def values(self, **parts: Scalar) -> dict[str, Scalar]:
        """Translate roles into the target's paths."""
        return {getattr(self.roles, role): value for role, value in parts.items()}

    def seen(self, target: Target, external_id: str) -> Account:
        """Fetch the one account with this external id."""
        (account,) = target.find(Lookup(external_id=external_id))
        return account

    def everybody(self, target: Target) -> list[Account]:
        """Walk the list to its end, for at most a hundred pages."""
        found: list[Account] = []
        cursor: str | None = None
        for _ in range(100):
            page = target.list_page(cursor)
            found.extend(page.accounts)
            cursor = page.next_cursor
            if cursor is None:
                return found
        pytest.fail("the list did not end")

    # Create and find

    def test_a_created_account_is_told_as_it_was_asked_for(self, target: Target) -> None:
        draft = self.draft(
            "ada@example.test", title="Countess", email="ada@example.test", department="Engines"
        )
        account = target.create(draft)
        assert (account.external_id, account.active, account.manager) == (draft.external_id, True, None)
        assert dict(account.values) == dict(draft.values)

    def test_an_account_has_a_key_for_every_mapped_path(self, target: Target) -> None:
        account = target.create(self.draft("ada@example.test"))
        assert account.values.keys() == self.roles.paths
        assert account.values[self.roles.title] is None

    def test_an_account_can_be_made_inactive(self, target: Target) -> None:
        target.create(self.draft("ada@example.test", external_id="1", active=False))
        assert not self.seen(target, "1").active

    def test_a_created_account_is_found_by_its_external_id(self, target: Target) -> None:
        made = target.create(self.draft("ada@example.test", external_id="4711"))
        assert target.find(Lookup(external_id="4711")) == (made,)

    def test_a_created_account_is_found_by_its_key_whatever_the_case(self, target: Target) -> None:
        made = target.create(self.draft("Ada@Example.test"))
        assert target.find(Lookup(path=self.roles.key, value="aDA@example.TEST")) == (made,)

    def test_a_created_account_is_found_by_its_email_whatever_the_case(self, target: Target) -> None:
        made = target.create(self.draft("ada", email="Ada@Example.test"))
        assert target.find(Lookup(path=self.roles.email, value="aDA@example.TEST")) == (made,)

    def test_two_accounts_with_one_email_are_both_found(self, target: Target) -> None:
        made = {
            target.create(self.draft(key, email="desk@example.test")).account_id for key in ("ada", "bob")
        }
        found = target.find(Lookup(path=self.roles.email, value="desk@example.test"))
        assert {account.account_id for account in found} == made

    def test_nobody_is_found_in_an_empty_target(self, target: Target) -> None:
        assert target.find(Lookup(external_id="1")) == ()
        assert target.find(Lookup(path=self.roles.key, value="ada")) == ()

    def test_a_search_never_answers_with_somebody_else(self, target: Target) -> None:
        for key in ("ada", "ada2", "xada", "bob"):
            target.create(self.draft(key, external_id=f"id-{key}", email=f"{key}@example.test"))
        assert [a.external_id for a in target.find(Lookup(external_id="id-ada"))] == ["id-ada"]
        assert [a.external_id for a in target.find(Lookup(path=self.roles.key, value="ada"))] == ["id-ada"]
        email = Lookup(path=self.roles.email, value="ada@example.test")
        assert [a.external_id for a in target.find(email)] == ["id-ada"]
        assert target.find(Lookup(path=self.roles.key, value="ad")) == ()

    def test_an_account_is_found_while_it_is_inactive(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="1"))
        target.deactivate(made.account_id)
        assert [a.account_id for a in target.find(Lookup(external_id="1"))] == [made.account_id]

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param('o"brien\\x', id="quote and backslash"),
            pytest.param('" or userName pr or userName eq "', id="a filter of its own"),
            pytest.param("zoë.müller-łęcki", id="accents"),
            pytest.param("山田太郎", id="beyond the Latin alphabet"),
            pytest.param("a+b&c=d#e%2F", id="what URLs are made of"),
        ],
    )
    def test_any_text_survives_the_journey(self, target: Target, text: str) -> None:
        target.create(self.draft("somebody-else"))
        made = target.create(self.draft(f"{text}@example.test", external_id=text, title=text))
        assert target.find(Lookup(external_id=text)) == (made,)
        assert target.find(Lookup(path=self.roles.key, value=f"{text}@example.test")) == (made,)
        assert made.values[self.roles.title] == text

    # Update

    def test_an_update_changes_only_what_is_named(self, target: Target) -> None:
        made = target.create(
            self.draft("ada", external_id="1", email="ada@example.test", department="Engines")
        )
        target.update(made.account_id, self.values(family_name="Lovelace", title="Countess"))
        expected = dict(made.values) | self.values(family_name="Lovelace", title="Countess")
        after = self.seen(target, "1")
        assert dict(after.values) == expected
        assert (after.active, after.external_id, after.account_id) == (True, "1", made.account_id)

    def test_an_update_that_answers_tells_the_account_as_it_is_now(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="1"))
        answer = target.update(made.account_id, self.values(title="Countess", department="Engines"))
        assert answer is None or answer == self.seen(target, "1")

    @pytest.mark.parametrize("role", ["given_name", "title", "email", "department"])
    def test_a_value_can_be_cleared_and_cleared_again(self, target: Target, role: str) -> None:
        full = self.draft(
            "ada", external_id="1", title="Countess", email="a@example.test", department="Engines"
        )
        made = target.create(full)
        for _ in range(2):
            target.update(made.account_id, self.values(**{role: None}))
        assert dict(self.seen(target, "1").values) == dict(made.values) | self.values(**{role: None})

    @pytest.mark.parametrize("role", ["title", "email", "department"])
    def test_a_value_that_was_missing_can_be_set_and_changed(self, target: Target, role: str) -> None:
        made = target.create(self.draft("ada", external_id="1"))
        for text in ("first@example.test", "second@example.test", "second@example.test"):
            target.update(made.account_id, self.values(**{role: text}))
            assert dict(self.seen(target, "1").values) == dict(made.values) | self.values(**{role: text})

    def test_one_update_can_set_change_and_clear_at_once(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="1", title="Countess", department="Engines"))
        change = self.values(email="ada@example.test", title=None, department="Poetry", given_name="Augusta")
        for _ in range(2):
            target.update(made.account_id, change)
            assert dict(self.seen(target, "1").values) == dict(made.values) | change

    def test_an_update_can_give_an_external_id(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="old"))
        target.update(made.account_id, {}, external_id="new")
        assert self.seen(target, "new").account_id == made.account_id
        assert target.find(Lookup(external_id="old")) == ()

    def test_the_key_can_change_its_case_only(self, target: Target) -> None:
        made = target.create(self.draft("Ada", external_id="1"))
        target.update(made.account_id, self.values(key="ada"))
        assert self.seen(target, "1").account_id == made.account_id

    def test_a_key_that_was_given_up_is_free(self, target: Target) -> None:
        first = target.create(self.draft("ada", external_id="1"))
        target.update(first.account_id, self.values(key="ada.lovelace"))
        second = target.create(self.draft("ada", external_id="2"))
        assert second.account_id != first.account_id

    # Leave and come back

    def test_deactivating_keeps_everything_else(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="1", title="Countess", email="ada@example.test"))
        for _ in range(2):
            target.deactivate(made.account_id)
            after = self.seen(target, "1")
            assert not after.active
            assert (after.values, after.account_id) == (made.values, made.account_id)

    def test_reactivating_brings_values_in_line(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="1", title="Countess"))
        target.deactivate(made.account_id)
        change = self.values(title=None, email="ada@example.test", family_name="Lovelace")
        for _ in range(2):
            target.reactivate(made.account_id, change)
            after = self.seen(target, "1")
            assert after.active
            assert dict(after.values) == dict(made.values) | change

    def test_reactivating_needs_no_values(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="1", active=False))
        target.reactivate(made.account_id, {})
        assert self.seen(target, "1").active

    # Managers

    def test_a_manager_is_set_changed_and_removed(self, target: Target) -> None:
        if not target.check().capabilities.manager:
            pytest.skip("this target knows no managers, and says so")
        with pytest.raises(AccountGoneError):
            target.set_manager(NOBODY, None)
        person, one, other = (target.create(self.draft(key)) for key in ("ada", "bob", "cyd"))
        for manager in (one.account_id, one.account_id, other.account_id, None, None):
            target.set_manager(person.account_id, manager)
            assert self.seen(target, "x-ada").manager == manager
        assert self.seen(target, "x-ada").values == person.values

    # Refusals

    def test_a_taken_key_is_refused_by_name(self, target: Target) -> None:
        target.create(self.draft("ada", external_id="1"))
        with pytest.raises(KeyTakenError) as caught:
            target.create(self.draft("ADA", external_id="2"))
        assert caught.value.code is Code.TARGET_KEY_TAKEN
        assert target.find(Lookup(external_id="2")) == ()

    def test_an_inactive_account_keeps_its_key(self, target: Target) -> None:
        target.deactivate(target.create(self.draft("ada", external_id="1")).account_id)
        with pytest.raises(KeyTakenError):
            target.create(self.draft("ada", external_id="2"))

    def test_an_update_cannot_take_a_key_either(self, target: Target) -> None:
        target.create(self.draft("ada", external_id="1"))
        other = target.create(self.draft("bob", external_id="2"))
        with pytest.raises(KeyTakenError):
            target.update(other.account_id, self.values(key="ada", title="Countess"))
        assert self.seen(target, "2").values == other.values

    def test_an_account_that_is_gone_is_told_apart(self, target: Target) -> None:
        writes: tuple[Callable[[], object], ...] = (
            lambda: target.update(NOBODY, self.values(title="Countess")),
            lambda: target.update(NOBODY, self.values(email="ada@example.test", title=None)),
            lambda: target.deactivate(NOBODY),
            lambda: target.reactivate(NOBODY, {}),
        )
        for write in writes:
            with pytest.raises(AccountGoneError):
                write()

    def test_a_removed_account_is_gone_and_its_key_is_free(self, target: Target) -> None:
        made = target.create(self.draft("ada", external_id="1"))
        target.deactivate(made.account_id)
        target.delete(made.account_id)
        assert target.find(Lookup(external_id="1")) == ()
        with pytest.raises(AccountGoneError):
            target.delete(made.account_id)
        assert target.create(self.draft("ada", external_id="2")).active

    def test_a_refusal_never_repeats_what_was_sent(self, target: Target) -> None:
        target.create(self.draft("canary-key", external_id="1"))
        with pytest.raises(KeyTakenError) as caught:
            target.create(self.draft("canary-key", external_id="canary-id", email="canary@example.test"))
        assert "canary" not in str(caught.value)

    # The list, the check, and many hands

    @pytest.mark.parametrize("many", [0, 1, 3, 7])
    def test_the_list_tells_everybody_exactly_once(self, target: Target, many: int) -> None:
        made = {target.create(self.draft(f"person-{n}")).account_id for n in range(many)}
        listed = [account.account_id for account in self.everybody(target)]
        assert len(listed) == many
        assert set(listed) == made

    def test_the_list_tells_accounts_as_find_does(self, target: Target) -> None:
        for key in ("ada", "bob"):
            target.create(self.draft(key, email=f"{key}@example.test", department="Engines"))
        for account in self.everybody(target):
            assert target.find(Lookup(external_id=account.external_id)) == (account,)

    def test_the_check_finds_nothing_in_the_way_and_touches_nothing(self, target: Target) -> None:
        made = target.create(self.draft("ada"))
        report = target.check()
        assert [problem for problem in report.problems if problem.blocks] == []
        assert report.capabilities.page_size >= 1
        assert self.everybody(target) == [made]

    def test_many_threads_may_use_one_target(self, target: Target) -> None:
        drafts = [self.draft(f"person-{n}", title=f"title-{n}") for n in range(12)]
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(target.create, drafts))
        assert [account.external_id for account in made] == [draft.external_id for draft in drafts]
        assert len(self.everybody(target)) == len(drafts)

    def test_changes_that_begin_side_by_side_all_arrive(self, target: Target) -> None:
        """What a target learns of its application by one hand costs no other hand its change."""
        keys = [f"person-{number}" for number in range(6)]
        ids = [target.create(self.draft(key, external_id=key)).account_id for key in keys]
        together = Barrier(len(ids))

        def change(account_id: AccountId) -> None:
            together.wait(10)
            target.set_manager(account_id, ids[0])
            target.update(account_id, self.values(title="Countess", email="desk@example.test"))
            target.deactivate(account_id)

        with ThreadPoolExecutor(len(ids)) as pool:
            list(pool.map(change, ids))
        seen = [self.seen(target, key) for key in keys]
        wanted = (False, ids[0], "Countess", "desk@example.test")
        email, title = self.roles.email, self.roles.title
        assert {(one.active, one.manager, one.values[title], one.values[email]) for one in seen} == {wanted}
