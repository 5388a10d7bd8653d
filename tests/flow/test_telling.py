"""One mail server, one application that refuses some people for two causes, then heals: who is told what."""

import pytest

from domain.codes import Code
from tests.fakes.mail_server import Taken
from tests.flow.telling import OPERATOR, OWNER, REFUSALS, Story, tell_story, text_of

REFUSED, TAKEN = REFUSALS


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell_story(tmp_path_factory.mktemp("telling"), people_count=60, refused_count=9)


def about(story: Story, code: Code) -> list[Taken]:
    return [each for each in story.mails if f": {code.value}\n" in text_of(each)]


def test_l1_l3_two_hours_without_a_mail_server_lose_no_mail_and_double_none(story: Story) -> None:
    told = story.figures
    assert (told.dead, told.incidents, told.mails_while_away) == (9, 2, 0)
    assert (told.mails_of_opening, told.mails_of_the_end) == (2, 2)
    ids = [each.mail["Message-ID"] for each in story.mails]
    assert len(ids) == len(set(ids))


def test_each_cause_goes_to_who_can_cure_it_in_their_language_with_its_count(story: Story) -> None:
    opened, ended = about(story, REFUSED)
    assert {opened.readers, ended.readers} == {(OPERATOR,)}
    assert "Please act" in str(opened.mail["Subject"])
    assert "Resolved" in str(ended.mail["Subject"])
    assert "People concerned so far: 6" in text_of(opened)
    opened, ended = about(story, TAKEN)
    assert {opened.readers, ended.readers} == {(OWNER,)}
    assert "Bitte handeln" in str(opened.mail["Subject"])
    assert "Erledigt" in str(ended.mail["Subject"])
    assert "Betroffene Personen bis jetzt: 3" in text_of(opened)


def test_one_requeue_brings_everybody_and_nobody_is_lost_or_doubled(story: Story) -> None:
    assert (story.figures.requeued, story.figures.lost, story.figures.doubled) == (9, 0, 0)


def test_l6_no_mail_names_a_person(story: Story) -> None:
    assert len(story.words_of_people) > 60
    parts = [str(part.get_content()) for each in story.mails for part in each.mail.iter_parts()]
    everything = "\n".join([*parts, *(str(each.mail["Subject"]) for each in story.mails)])
    assert [word for word in story.words_of_people if word in everything] == []
