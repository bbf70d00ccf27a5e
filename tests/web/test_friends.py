"""Friends, on the page."""

from tests.web.conftest import NewPerson, befriend, text_of


def test_a_request_is_asked_accepted_and_ended(new_person: NewPerson) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    assert ann.does("/friends/ask", handle=f" @{bob.handle.upper()} ") == "/friends?said=asked"
    assert "Waiting for their answer" in text_of(ann.sees("/friends"))
    assert "Asking you" in text_of(bob.sees("/friends"))
    bob.does("/friends/accept", handle=ann.handle)
    assert "Your friends" in text_of(ann.sees("/friends"))
    ann.does("/friends/end", handle=bob.handle)
    assert "Your friends" not in text_of(bob.sees("/friends"))


def test_asking_nobody_oneself_or_somebody_who_blocked_says_why(new_person: NewPerson) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    bob.does("/friends/block", handle=ann.handle)
    for handle, sentence in [
        ("nobody_at_all", "nobody with this handle"),
        (ann.handle, "That is you"),
        (bob.handle, "cannot be asked"),
    ]:
        answer = ann.browser.post("/friends/ask", data={"handle": handle})
        assert answer.status_code == 422
        assert sentence in text_of(answer.text)
    assert ann.browser.post("/friends/accept", data={"handle": "nobody_at_all"}).status_code == 404
    bob.does("/friends/unblock", handle=ann.handle)
    assert ann.does("/friends/ask", handle=bob.handle) == "/friends?said=asked"


def test_accepting_without_a_request_makes_nobody_friends(new_person: NewPerson) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    answer = ann.browser.post("/friends/accept", data={"handle": bob.handle})
    assert answer.status_code == 422
    assert "no open request" in text_of(answer.text)
    assert "Your friends" not in text_of(ann.sees("/friends"))


def test_every_decision_says_what_was_done_and_there_are_no_others(new_person: NewPerson) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    bob.does("/friends/ask", handle=ann.handle)
    said = {
        decision: ann.does(f"/friends/{decision}", handle=bob.handle)
        for decision in ("decline", "block", "unblock")
    }
    assert said == {
        "decline": "/friends?said=declined",
        "block": "/friends?said=blocked",
        "unblock": "/friends?said=unblocked",
    }
    befriend(ann, bob)
    assert ann.does("/friends/end", handle=bob.handle) == "/friends?said=unfriended"
    assert ann.browser.post("/friends/adopt", data={"handle": bob.handle}).status_code == 404
    assert ann.browser.post("/friends/block", data={"handle": ann.handle}).status_code == 422


def test_blocking_ends_friendship_and_writing(new_person: NewPerson) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    befriend(ann, bob)
    conversation = ann.writes_to(bob, body="hello")
    ann.does("/friends/block", handle=bob.handle)
    answer = bob.browser.post(conversation, data={"body": "let me in", "key": "k"})
    assert answer.status_code == 422
    assert "cannot write to this person" in text_of(answer.text)
    assert "let me in" in answer.text
    assert "let me in" not in ann.sees(conversation)
