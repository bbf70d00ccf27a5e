import pytest

from tests.reports.a_desk import Desk, made, table, title
from vestibule.ledger.fortnight import Fortnight
from vestibule.reports import publishing
from vestibule.reports.showing import Own


def test_one_partners_trouble_keeps_no_other_from_being_shown(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.world.platform.publishing.cancel()
    fortnight = desk.begin()
    desk.on(fortnight.over_on)
    for partner in ("jukebox", "marquee"):
        desk.counts(fortnight, table(fortnight, (30, 20)), partner)
        which = title(fortnight, partner_id=partner)
        desk.file(made(which, table(fortnight, (30, 20))), fortnight.label, partner)

    async def own(partner: str, _: Fortnight) -> Own:
        if partner == "jukebox":
            raise ValueError("a file that cannot be read")
        return Own()

    desk.world.run(publishing.look(desk.world.store, own, 10))
    shown = [
        fortnight in desk.world.run(publishing.published_of(desk.world.store, partner))
        for partner in ("jukebox", "marquee")
    ]
    assert shown == [False, True]
    assert "what is shown of jukebox could not be settled" in caplog.text
