"""A partner's page names every id of its company, what it counted itself, and what can be concluded."""

import re
from collections.abc import Iterator

import pytest

from tests.gate.a_platform import READ, World, opened
from tests.partners.test_registering import file, reconciliation
from tests.web.conftest import text_of
from tests.web.test_partner_page import entries_of, page_of, table
from vestibule.ledger.replay import replay
from vestibule.partners import register
from vestibule.web.public import concluding


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Ana lets Jukebox read, it reads twice, and registers a second id under another spelling."""
    with opened(tmp_path_factory.mktemp("platform")) as world:
        talk = world.conversation("ana", "bob")
        world.says("ana", talk, "a song")
        ana = world.connect("ana", talk)
        assert [world.read(ana).status_code for _ in range(2)] == [200, 200]
        second = world.register("jukebox-kids", legal_entity=" jukebox  INC ", key=KEY)
        assert second.status_code == 201, second.text
        yield world


GIVEN, COUNTED = "What it was given through connections", "What it counted itself"
KEY = {"key_id": "jukebox-kids:1", "public": "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="}


def said(page: str) -> dict[str, str]:
    """Read the lists of facts: what each line is about, and its words."""
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {text_of(what): text_of(words) for what, words in pairs}


def test_a_company_is_named_with_all_of_its_ids(world: World) -> None:
    for partner, other in (("jukebox", "jukebox-kids"), ("jukebox-kids", "jukebox")):
        page = page_of(world, partner)
        assert f'href="/register/{other}"' in page
        assert "A claim about the company covers all of them" in said(page)["All of its ids"]
    assert "All of its ids" not in page_of(world, "marquee")


def counts_of(world: World) -> dict[str, tuple[int, int]]:
    """What the log counts of Jukebox's own requests."""
    totals = replay(entries_of(world)).totals
    return {
        f"{kind}/{op}": count
        for (partner, kind, op, _), count in totals.items()
        if partner == "jukebox" and kind in {"access", "refusal"}
    }


def test_a_count_is_shown_with_what_the_log_says_of_it(world: World) -> None:
    page = page_of(world, "jukebox")
    assert "has signed no count of its own" in page
    assert said(page)[GIVEN].endswith("rests on an honest gate alone.")

    assert file(world, reconciliation(world.size(), counted=counts_of(world))).status_code == 201
    page = page_of(world, "jukebox")
    assert [row[3] for row in table(page, COUNTED)] == ["counts the same"]
    assert "takes in its last request" in page
    assert said(page)[GIVEN].startswith("At most 2 answers.")
    assert said(page)[GIVEN].endswith("rests on an honest gate or an honest Jukebox.")

    assert world.signed("jukebox", "GET", "/v1/connection", token="none").status_code == 401
    page = page_of(world, "jukebox")
    assert "It has made requests since" in page
    assert said(page)[GIVEN].endswith("rests on an honest gate alone.")

    wrong = {f"access/{READ}": (7, 7)}
    assert file(world, reconciliation(world.size(), counted=wrong)).status_code == 201
    page = page_of(world, "jukebox")
    assert [row[1:4:2] for row in table(page, COUNTED)] == [
        ["7", "counts otherwise"],
        ["2", "counts the same"],
    ]
    assert "Its newest count is not that of the log" in page
    assert said(page)[GIVEN].endswith("rests on an honest gate alone.")


def test_what_nobody_can_conclude_is_said_of_everybody(world: World) -> None:
    for partner in ("jukebox", "marquee"):
        found = said(page_of(world, partner))
        assert "can do what no log sees" in found["What it did afterwards"]
        assert "recorded by no log" in found["Reads beside the gate"]
        assert "nobody but the operator signs it" in found["That everybody is shown this log"]
    assert said(page_of(world, "marquee"))["What it could ask people for"].startswith("Nothing, on no day")
    assert said(page_of(world, "marquee"))[GIVEN].startswith("No answer.")


def test_a_log_that_others_sign_is_not_said_to_be_the_operators_alone(world: World) -> None:
    partner = world.run(register.partner(world.store, "jukebox"))
    assert partner is not None
    about = [one.what for one in concluding.not_provable(partner, attested=True)]
    assert "That everybody is shown this log" not in about


def test_the_other_address_of_the_register_leads_there(world: World) -> None:
    assert world.get(None, "/partners").headers["location"] == "/register"
    answer = world.get(None, "/partners/jukebox")
    assert (answer.status_code, answer.headers["location"]) == (308, "/register/jukebox")
    for unknown in ("nobody", "%0d%0ax:y", "%2F%2Fevil.example"):
        assert world.get(None, f"/partners/{unknown}").status_code == 404
