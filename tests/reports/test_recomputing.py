from tests.reports.a_story import FORTNIGHT, TV, WEB, Story
from vestibule.ledger.engagement import Counted, Placed
from vestibule.reports.recomputing import table_of, wide_table_of

FIRST, LAST = FORTNIGHT.first, FORTNIGHT.last


def test_dialogs_and_counted_clicks_are_added_up_by_day_and_place(story: Story) -> None:
    for day in (FIRST, FIRST, LAST):
        story.tell("dialog", day)
        story.tell("send", day, person=b"a" * 16)
    story.tell("click", FIRST)
    story.tell("click", LAST, TV)
    story.tell("click", FIRST, counted=False)
    story.flush()
    assert table_of(story.events, "marquee", FORTNIGHT) == {
        Placed(FIRST, "web", "title", "a"): Counted(2, 1),
        Placed(LAST, "web", "title", "a"): Counted(1, 0),
        Placed(LAST, "tv", "title", "a"): Counted(0, 1),
    }


def test_other_days_and_other_partners_are_left_out(story: Story) -> None:
    story.tell("dialog", FIRST - 1)
    story.tell("dialog", FORTNIGHT.over_on)
    story.tell("dialog", FIRST, partner="jukebox")
    story.flush()
    assert table_of(story.events, "marquee", FORTNIGHT) == {}
    assert table_of(story.events, "jukebox", FORTNIGHT) == {Placed(FIRST, "web", "title", "a"): Counted(1, 0)}


def test_a_fortnight_without_any_event_is_an_empty_table(story: Story) -> None:
    assert table_of(story.events, "marquee", FORTNIGHT) == {}
    assert wide_table_of(story.events, "marquee", FORTNIGHT) == []


def test_the_platforms_own_table_counts_people_once_and_kinds_apart(story: Story) -> None:
    ana, ben = b"a" * 16, b"b" * 16
    story.tell("dialog", campaign="spring")
    for person in (ana, ana, ben):
        story.tell("send", campaign="spring", recipient_kind="friend", person=person)
        story.tell("delivery", campaign="spring", recipient_kind="friend", person=person)
    story.tell("click", campaign="spring", recipient_kind="friend", person=ana)
    story.tell("mute", campaign="spring", recipient_kind="app-friend", person=ben)
    story.tell("report", campaign="spring", recipient_kind="app-friend", person=ben)
    story.flush()
    place = {"day": FIRST, "interface": "web", "surface": "title", "variant": "a", "campaign": "spring"}
    nothing = dict.fromkeys(
        ("dialogs", "sends", "recipients", "deliveries", "clicks", "clickers", "mutes", "reports"), 0
    )
    assert wide_table_of(story.events, "marquee", FORTNIGHT) == [
        place | nothing | {"recipient_kind": "", "dialogs": 1},
        place | nothing | {"recipient_kind": "app-friend", "mutes": 1, "reports": 1},
        place
        | nothing
        | {
            "recipient_kind": "friend",
            "sends": 3,
            "recipients": 2,
            "deliveries": 3,
            "clicks": 1,
            "clickers": 1,
        },
    ]


def test_rows_come_in_one_order_whatever_the_files(story: Story) -> None:
    for day, place in ((LAST, WEB), (FIRST, WEB), (FIRST, TV)):
        story.tell("dialog", day, place)
        story.flush()
    assert [(placed.day, placed.interface) for placed in table_of(story.events, "marquee", FORTNIGHT)] == [
        (FIRST, "tv"),
        (FIRST, "web"),
        (LAST, "web"),
    ]
