"""The Apps page: what each app may see, what it saw, and ending it."""

import base64
import json
import re

import pytest
from markupsafe import escape

from tests.web.conftest import (
    PURPOSE,
    App,
    House,
    NewPerson,
    Person,
    befriend,
    let_in_and_read,
    recommend,
    text_of,
)
from tools.texts import TEMPLATE, read
from vestibule.connections.language import languages
from vestibule.ledger import tags, vrf
from vestibule.recorder.history import Line
from vestibule.tlog.policy import Policy
from vestibule.tlog.proof import TlogProof, verify
from vestibule.web.person import apps_shown
from vestibule.web.person.apps_shown import NEWEST, tally_of
from vestibule.web.person.apps_words import sentence


def two_friends(new_person: NewPerson) -> tuple[Person, Person, str]:
    ann, bob = new_person("Ann"), new_person("Bob")
    befriend(ann, bob)
    return ann, bob, ann.writes_to(bob, body="hello")


def line(kind: str, op: str = "messages.read", n: int = 1) -> Line:
    return Line(index=7, partner="p", kind=kind, op=op, lane="shared", counter=0, at=5, n=n, conversation="")


def test_an_app_that_was_let_in_shows_what_it_may_do_and_what_it_read(
    house: House, jukebox: App, marquee: App, new_person: NewPerson
) -> None:
    ann, bob, conversation = two_friends(new_person)
    assert "No app has to do with you" in text_of(ann.sees("/apps"))
    let_in_and_read(house, jukebox, ann, conversation)
    recommend(house, marquee, bob, to=ann, note="")
    page = text_of(ann.sees("/apps"))
    assert "can read the messages in: Bob" in page
    assert PURPOSE in page
    assert "1 read through you, 1 message" in page
    assert "1 recommendation sent to you through it" in page
    assert "is not provable" in page
    others = text_of(bob.sees("/apps"))
    assert "Let in by others" in others
    assert "Your words there are kept back from it" in others


def test_the_page_of_an_app_names_the_person_as_her_file_proves(marquee: App, new_person: NewPerson) -> None:
    cleo = new_person("Cleo")
    page = cleo.sees("/apps/marquee")
    file = json.loads(cleo.sees("/apps/person-file"))
    (lanes,) = (one["lanes"] for one in file["partners"] if one["partner"] == marquee.partner)
    beta = vrf.proof_to_hash(base64.b64decode(lanes["shared"]["proof"]))
    assert f"<code>{tags.partner_person_id(tags.lane_key(beta))}</code>" in page


def test_every_line_has_a_receipt_that_verifies_and_is_nobody_elses(
    house: House, jukebox: App, new_person: NewPerson
) -> None:
    ann, bob, conversation = two_friends(new_person)
    let_in_and_read(house, jukebox, ann, conversation)
    page = ann.sees("/apps/jukebox")
    indexes = [part.partition('"')[0] for part in page.split('href="/apps/receipt/')[1:]]
    assert len(indexes) == 2
    policy = Policy.parse(ann.sees("/log/policy"))
    for index in indexes:
        answer = ann.browser.get(f"/apps/receipt/{index}")
        assert answer.headers["content-disposition"].startswith("attachment")
        proof = TlogProof.parse(answer.text)
        assert proof.extra is not None
        verify(proof, json.loads(proof.extra)["leaf"].encode(), policy)
        assert bob.browser.get(f"/apps/receipt/{index}").status_code == 404
    for index in ("99999", "9" * 20, "9" * 5000, "-1"):
        assert ann.browser.get(f"/apps/receipt/{index}").status_code == 404


def test_the_person_file_names_every_partner_also_without_any_line(
    jukebox: App, marquee: App, new_person: NewPerson
) -> None:
    file = json.loads(new_person("Cleo").sees("/apps/person-file"))
    assert file["format"] == "vestibule-person/v1"
    assert {partner["partner"] for partner in file["partners"]} >= {jukebox.partner, marquee.partner}
    assert all(lane["openings"] == [] for one in file["partners"] for lane in one["lanes"].values())


def test_ending_a_connection_is_one_press_and_is_recorded(
    house: House, jukebox: App, new_person: NewPerson
) -> None:
    ann, _, conversation = two_friends(new_person)
    let_in_and_read(house, jukebox, ann, conversation)
    assert ann.does("/apps/jukebox/end") == "/apps?said=ended"
    assert "can read the messages" not in text_of(ann.sees("/apps"))
    assert "Ended by you: Read messages" in text_of(ann.sees("/apps/jukebox"))
    assert ann.browser.post("/apps/nobody/end").status_code == 404


def test_a_person_lets_an_app_see_her_words_and_takes_it_back(jukebox: App, new_person: NewPerson) -> None:
    dan = new_person("Dan")
    assert dan.does(f"/apps/{jukebox.partner}/words", agreed="1") == "/apps?said=agreed#jukebox"
    assert "Withhold my words" in text_of(dan.sees("/apps"))
    assert dan.does("/apps/jukebox/words", agreed="anything") == "/apps?said=withheld#jukebox"
    assert "Withhold my words" not in text_of(dan.sees("/apps"))


def test_where_others_let_an_app_read_it_says_what_it_sees_of_her_words_there(
    house: House, jukebox: App, new_person: NewPerson
) -> None:
    ann, bob, kept = two_friends(new_person)
    cleo, dan = new_person("Cleo"), new_person("Dan")
    befriend(cleo, bob)
    befriend(dan, bob)
    told, own = cleo.writes_to(bob, body="hello"), dan.writes_to(bob, body="hello")
    for person, conversation in ((ann, kept), (cleo, told), (dan, own), (bob, own)):
        let_in_and_read(house, jukebox, person, conversation)
    bob.does("/apps/jukebox/words", agreed="1")
    bob.does(f"{kept}/words", let="nobody")
    page = text_of(bob.sees("/apps"))
    assert re.search(r"“Dan”, “Cleo”\. It also sees your words there, because you agreed\.", page)
    assert "“Ann”. Your words there are kept back from it." in page
    bob.does("/apps/jukebox/words", agreed="0")
    page = text_of(bob.sees("/apps"))
    assert "“Dan”. It sees your words there only through you, as far as you let it read yourself." in page
    assert re.search(r"“Cleo”, “Ann”\. Your words there are kept back from it\.", page)
    assert "only as far as you let it read yourself" in text_of(bob.sees(own))
    bob.does("/apps/jukebox/words", agreed="1")
    bob.does("/friends/block", handle=cleo.handle)
    assert "“Cleo”, “Ann”. Your words there are kept back from it." in text_of(bob.sees("/apps"))
    assert "Your words are kept back from it." in text_of(bob.sees(told))


def test_a_tally_keeps_apart_what_is_not_a_read_or_a_recommendation() -> None:
    lines = [
        line("access", op="friends.list", n=9),
        line("send", op="messages.send"),
        line("send", op="dialog"),
    ]
    tally = tally_of([*lines, line("delete", op="messages.delete"), line("access", n=2)])
    assert (tally.reads, tally.messages, tally.told, tally.writes, tally.sends) == (1, 2, 1, 2, 1)


def test_a_tally_counts_messages_of_reads_only() -> None:
    tally = tally_of(
        [line("access", n=4), line("access", n=0), line("exposure", n=3), line("refusal", n=0), line("grant")]
    )
    assert (tally.reads, tally.messages, tally.exposures, tally.refusals, tally.sends) == (2, 4, 1, 1, 0)
    assert tally.all_lines == 5
    assert tally_of([]).last_at is None


def test_only_the_newest_lines_are_counted_and_it_is_said_that_there_are_more() -> None:
    newest = [line("access")] * NEWEST
    assert (tally_of(newest).all_lines, tally_of(newest).more) == (NEWEST, False)
    tally = tally_of([line("exposure"), *newest])
    assert (tally.all_lines, tally.exposures, tally.more) == (NEWEST, 0, True)


def test_a_page_of_an_app_with_many_lines_shows_the_newest_and_says_so(
    house: House, jukebox: App, new_person: NewPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _, conversation = two_friends(new_person)
    let_in_and_read(house, jukebox, ann, conversation)
    for path in ("/apps", "/apps/jukebox"):
        assert "there are more" not in text_of(ann.sees(path)).lower()
    monkeypatch.setattr(apps_shown, "NEWEST", 1)
    assert "There are more lines than are counted here: these are the newest 1." in text_of(ann.sees("/apps"))
    page = ann.sees("/apps/jukebox")
    assert "This is the newest line; there are more." in text_of(page)
    assert page.count('href="/apps/receipt/') == 1
    assert "Read 1 message" in text_of(page)


def test_what_an_app_can_view_and_what_it_can_do_stand_apart_with_the_consent_receipt_below(
    house: House, jukebox: App, new_person: NewPerson
) -> None:
    ann, _, conversation = two_friends(new_person)
    let_in_and_read(house, jukebox, ann, conversation)
    page = ann.sees("/apps")
    assert "What it can view Jukebox can read the messages in: Bob" in text_of(page)
    assert "What it can do" not in text_of(page).replace("Change what it can do", "")
    (receipt,) = re.findall(r'href="(/apps/jukebox/agreed/[^"]+)"', page)
    assert ann.browser.get(receipt).headers["content-type"] == "application/jwt"
    ann.does("/apps/jukebox/suspend")
    page = ann.sees("/apps")
    assert "What it can view again once it is resumed" in text_of(page)
    assert receipt in page


def translated_texts() -> list[str]:
    """The beginnings of English texts that German says otherwise, as they would stand on a page."""
    found = []
    for message in read(TEMPLATE):
        for text in [message.id] if isinstance(message.id, str) else message.id:
            beginning = text.partition("%(")[0]
            if len(beginning) > len("Register") and languages()["de"].catalogue.gettext(text) != text:
                found.append(str(escape(beginning)))
    return found


def test_whoever_prefers_german_reads_nothing_in_english(
    house: House, jukebox: App, marquee: App, new_person: NewPerson
) -> None:
    ann, bob, conversation = two_friends(new_person)
    let_in_and_read(house, jukebox, ann, conversation)
    recommend(house, marquee, bob, to=ann, note="")
    german = {"accept-language": "de-AT,en;q=0.5"}
    texts = translated_texts()
    for path in ("/apps", "/apps?said=ended", "/apps/jukebox", "/apps/marquee", "/words"):
        page = ann.browser.get(path, headers=german).text
        assert '<html lang="de">' in page
        assert [text for text in texts if text in page] == [], path
    history = ann.browser.get("/apps/jukebox", headers=german).text
    assert "Hat 1 Nachricht über Ihre Verbindung gelesen" in history
    ann.does("/apps/jukebox/end")
    refused = ann.browser.post("/apps/jukebox/suspend", headers=german)
    assert refused.status_code == 409
    assert "Das geht jetzt nicht" in refused.text


def test_every_kind_of_line_has_a_sentence() -> None:
    for kind in ("access", "exposure", "send", "delete", "refusal", "notify", "grant", "end"):
        assert kind not in sentence(line(kind)) or kind == "send"
    assert sentence(line("access", n=1)) == "Read 1 message through your connection"
    assert sentence(line("send", op="dialog")) == "Somebody sent you its recommendation"
    assert sentence(line("send", op="messages.send")) == "Wrote 1 message as you"
    assert sentence(line("access", op="friends.list", n=3)) == "Was told of 3 friends of yours"
    assert "that you two are friends" in sentence(line("exposure", op="friends.list"))
    assert "for you too" in sentence(line("exposure", op="messages.delete"))
