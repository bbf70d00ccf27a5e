"""The inbox, a conversation, and writing."""

import re

import pytest

from tests.web.conftest import (
    App,
    House,
    NewPerson,
    Person,
    befriend,
    let_in_and_read,
    recommend,
    text_of,
)
from vestibule.web.person import conversation


@pytest.fixture
def ann(new_person: NewPerson) -> Person:
    return new_person("Ann")


@pytest.fixture
def bob(new_person: NewPerson, ann: Person) -> Person:
    """A friend of Ann."""
    bob = new_person("Bob")
    befriend(ann, bob)
    return bob


def test_what_one_writes_the_other_reads_and_nobody_else(
    ann: Person, bob: Person, new_person: NewPerson
) -> None:
    conversation = ann.writes_to(bob, body="a <b>bold</b> & private word")
    assert "a &lt;b&gt;bold&lt;/b&gt; &amp; private word" in bob.sees(conversation)
    eve = new_person("Eve")
    for path in (conversation, f"{conversation}/newer?after=0", f"{conversation}/1/photo/0"):
        assert eve.browser.get(path).status_code == 404
    assert eve.browser.post(conversation, data={"body": "x", "key": "k"}).status_code == 404
    assert eve.browser.get("/c/not-an-id").status_code == 404


def test_the_inbox_shows_the_newest_message_and_what_is_not_read(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="first")
    ann.says(conversation, "second")
    inbox = text_of(bob.sees("/inbox"))
    assert "second" in inbox
    assert "2 not read yet" in inbox
    bob.sees(conversation)
    assert "not read yet" not in text_of(bob.sees("/inbox"))
    assert "You: second" in text_of(ann.sees("/inbox"))


def test_the_same_form_sent_twice_writes_one_message(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="hello")
    for _ in range(2):
        ann.does(conversation, body="once", key="the-same")
    assert bob.sees(conversation).count("once") == 1
    answer = ann.browser.post(conversation, data={"body": "another", "key": "the-same"})
    assert answer.status_code == 422
    assert "another" not in bob.sees(conversation)


def test_a_reply_is_written_by_a_link_and_a_form_and_quotes_a_line(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="shall we see a film?")
    link = re.search(rf'href="({conversation}[?]reply_to=1)#newest"', bob.sees(conversation))
    assert link is not None
    form = bob.sees(link[1])
    assert "In reply to Ann: shall we see a film?" in text_of(form)
    assert '<input type="hidden" name="reply_to" value="1">' in form
    bob.does(conversation, body="gladly", key="k-reply", reply_to="1")
    assert "In reply to you: shall we see a film? gladly" in text_of(ann.sees(conversation))
    assert 'name="reply_to"' not in bob.sees(conversation)


@pytest.mark.parametrize("number", ["2", "-1", "one", "9" * 30])
def test_a_reply_to_nothing_writes_nothing(ann: Person, bob: Person, number: str) -> None:
    conversation = ann.writes_to(bob, body="hello")
    answer = ann.browser.post(conversation, data={"body": "x", "key": "k", "reply_to": number})
    assert answer.status_code == 422
    assert "not in this conversation" in text_of(answer.text)
    assert 'data-seq="2"' not in bob.sees(conversation)


def test_an_empty_or_too_long_message_is_kept_in_the_form_and_not_sent(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="hello")
    for body in ("  ", "x" * 8001):
        answer = ann.browser.post(conversation, data={"body": body, "key": "k"})
        assert answer.status_code == 422
        assert "Write something" in text_of(answer.text)
    assert 'data-seq="2"' not in bob.sees(conversation)


def test_older_messages_are_a_link_away(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="word 1")
    for number in range(2, 53):
        ann.says(conversation, f"word {number}")
    newest = bob.sees(conversation)
    assert "word 2<" not in newest
    assert "word 52<" in newest
    older = bob.sees(f"{conversation}?before=3")
    assert "word 2<" in older
    assert "word 3<" not in older
    assert bob.browser.get(f"{conversation}?before=x").status_code == 400


def test_newer_messages_come_as_the_same_list_items(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="one")
    ann.says(conversation, "two")
    items = bob.sees(f"{conversation}/newer?after=1")
    assert 'data-seq="2"' in items
    assert "one" not in items
    assert "<html" not in items
    assert 'class="date"' not in items
    assert bob.sees(f"{conversation}/newer?after=2").strip() == ""


def test_a_group_needs_friends(ann: Person, bob: Person, new_person: NewPerson) -> None:
    eve = new_person("Eve")
    fields = {"title": "Dinner", "body": "hi", "key": "k"}
    for to in ([eve.handle], [bob.handle, eve.handle], ["nobody_at_all"], []):
        answer = ann.browser.post("/new", data={**fields, "to": to})
        assert answer.status_code == 422
        assert 'id="to-wrong"' in answer.text
    assert "Dinner" not in ann.sees("/inbox")
    group = ann.writes_to(bob, title="Dinner", body="Saturday?")
    assert "Dinner" in bob.sees("/inbox")
    assert "Saturday?" in bob.sees(group)


def test_nothing_is_opened_when_the_first_message_cannot_be_sent(ann: Person, bob: Person) -> None:
    answer = ann.browser.post("/new", data={"to": bob.handle, "title": "Quiet", "body": " ", "key": "k"})
    assert answer.status_code == 422
    assert "Quiet" not in ann.sees("/inbox")


def test_a_card_is_marked_and_links_to_our_own_click_link_only(
    house: House, marquee: App, ann: Person, bob: Person
) -> None:
    ann.writes_to(bob, body="hello")
    recommend(house, marquee, bob, to=ann, note="see this")
    conversation = ann.writes_to(bob, body="thanks")
    page = ann.sees(conversation)
    assert "via Marquee" in text_of(page)
    assert "The &lt;Conversation&gt;" in page
    assert 'href="/r/' in page
    assert marquee.home not in page
    assert "pictures.example" not in page


def test_every_member_sees_which_app_can_read_here(
    house: House, jukebox: App, ann: Person, bob: Person
) -> None:
    conversation = ann.writes_to(bob, body="hello")
    assert "No app can read this conversation" in text_of(bob.sees(conversation))
    let_in_and_read(house, jukebox, ann, conversation)
    mine = text_of(ann.sees(conversation))
    assert re.search(r"Jukebox Change You let it read the conversation, since \d+ \w+ 20\d\d\. ", mine)
    assert "It sees what you wrote, as far as you let it read." in mine
    seen = text_of(bob.sees(conversation))
    assert "Since you last looked: Ann let Jukebox read here" in seen
    assert re.search(
        r"Ann let it read the conversation, since \d+ \w+ 20\d\d\. Your words are kept back from it\.", seen
    )
    bob.does("/apps/jukebox/words", agreed="1")
    assert "You let it see your words." in text_of(bob.sees(conversation))
    ann.does("/apps/jukebox/end")
    assert "No app can read this conversation" in text_of(bob.sees(conversation))


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5000])
def test_numbers_larger_than_any_message_has_are_refused_with_a_page(
    ann: Person, bob: Person, number: str
) -> None:
    conversation = ann.writes_to(bob, body="hello")
    assert ann.browser.get(f"{conversation}/{number}/photo/0").status_code == 404
    assert ann.browser.get(f"{conversation}/0/photo/0").status_code == 404
    for query in (f"after={number}", "after=-1", "after=1e25"):
        assert ann.browser.get(f"{conversation}/newer?{query}").status_code == 400
    assert ann.browser.get(f"{conversation}?before={number}").status_code == 400


def test_the_inbox_is_read_page_by_page_to_its_oldest_conversation(
    ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "IN_INBOX", 2)
    titles = [f"Group {number}" for number in range(5)]
    for title in titles:
        ann.writes_to(bob, body="hello", title=title)
    seen: list[str] = []
    path = "/inbox"
    for _ in range(3):
        page = bob.sees(path)
        seen += re.findall(r">(Group \d)<", page)
        link = re.search(r'href="(/inbox\?before=[^"]+)"', page)
        path = link[1] if link else ""
    assert seen == titles[::-1]
    assert not path


@pytest.mark.parametrize(
    "before", ["", "x", "1", "1.", "-1.0000000000000", "9" * 5000 + ".0000000000000", "²."]
)
def test_a_place_that_is_none_is_not_found(ann: Person, before: str) -> None:
    assert ann.browser.get("/inbox", params={"before": before}).status_code == 404
    assert "no older conversations" in ann.sees("/inbox?before=1.0000000000000")
