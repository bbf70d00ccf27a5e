from tests.verdict.log_builder import ALICE
from tests.verdict.stories import COUNTS, told, view_of
from vestibule.ledger.tags import OWN
from vestibule.verdict.company import company_of
from vestibule.verdict.log_view import LogView
from vestibule.verdict.period import span_of
from vestibule.verdict.reconciled import reconciled


def jukebox(view: LogView) -> bool:
    return reconciled(view, company_of(view.history, "jukebox"), span_of(view, None))


def test_a_partner_that_never_counted_is_not_cited() -> None:
    assert not jukebox(view_of(told()))


def test_matching_counts_let_the_partner_be_cited() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS)
    assert jukebox(view_of(log))


def test_a_pair_counted_as_zero_is_no_difference() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS | {"delete/messages.delete": (0, 0)})
    assert jukebox(view_of(log))


def test_other_counts_do_not() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS | {"access/messages.read": (2, 4)})
    assert not jukebox(view_of(log))


def test_the_newest_counts_decide() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS)
    log.reconcile("jukebox", {})
    assert not jukebox(view_of(log))


def test_a_later_request_leaves_the_counts_behind() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS)
    log.read("jukebox", ALICE, 1)
    assert not jukebox(view_of(log))


def test_counts_of_a_smaller_log_must_not_take_in_what_came_later() -> None:
    log = told()
    before = len(log.entries)
    log.read("jukebox", ALICE, 1)
    log.reconcile("jukebox", COUNTS | {"access/messages.read": (2, 5)}, size=before)
    assert not jukebox(view_of(log))


def test_what_the_partner_did_not_ask_for_does_not_matter() -> None:
    log = told()
    log.reconcile("jukebox", COUNTS)
    log.event("send", "jukebox", ALICE, op="dialog", n=1, lane=OWN)
    log.event("end", "jukebox", ALICE)
    assert jukebox(view_of(log))


def test_every_partner_id_of_the_company_has_to_have_counted() -> None:
    log = told()
    log.partner("jukebox-kids", legal_entity="Jukebox Ltd")
    log.reconcile("jukebox", COUNTS)
    assert not jukebox(view_of(log))
    log.reconcile("jukebox-kids", {})
    assert jukebox(view_of(log))
