from io import StringIO

from vestibule.cli.progress import Bar, shown


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_short_reading_draws_nothing() -> None:
    out, clock = Terminal(), Clock()
    bar = Bar(out, clock)
    clock.now = 0.9
    bar(500, 1000)
    bar.erase()
    assert out.getvalue() == ""


def test_a_long_reading_says_how_far_it_is_and_how_fast() -> None:
    out, clock = Terminal(), Clock()
    bar = Bar(out, clock)
    clock.now = 2.0
    bar(500_000, 1_000_000)
    bar(500_001, 1_000_000)
    assert out.getvalue() == (
        "\r\x1b[K[###############               ] 500,000 of 1,000,000 leaves, 250,000 a second"
    )
    bar.erase()
    assert out.getvalue().endswith("\r\x1b[K")


def test_nothing_is_drawn_into_a_file() -> None:
    out, clock = StringIO(), Clock()
    bar = Bar(out, clock)
    clock.now = 2.0
    bar(1, 2)
    bar.erase()
    assert out.getvalue() == ""


def test_the_line_is_empty_again_afterwards() -> None:
    out = Terminal()
    with shown(out) as bar:
        bar._next = 0.0
        bar(1, 2)
    assert out.getvalue().endswith("\r\x1b[K")
