"""Pages for people: the template environment, its filters, and the headers that every page carries.

Touches nothing but the template and static folders beside it. Without inline script or style, so that the
content security policy can forbid both.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType
from markupsafe import Markup

from vestibule.connections.language import ENGLISH
from vestibule.connections.names import inert
from vestibule.store.ids import encode
from vestibule.web.notices import NOTICES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vestibule.connections.language import Language
    from vestibule.people.accounts import Account

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
MICROSECONDS = 1_000_000
DAY_SECONDS = 86_400
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _utc(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / MICROSECONDS, UTC)


def _date_words(date: datetime) -> str:
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def _time(date: datetime, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(date.isoformat(timespec="seconds"), words)


def moment(microseconds: int) -> Markup:
    """Write an instant (microseconds since 1970) as a date and a time of day in UTC."""
    date = _utc(microseconds)
    return _time(date, f"{_date_words(date)}, {date:%H:%M}")


def second(microseconds: int) -> Markup:
    """Write an instant to the second, for logs."""
    date = _utc(microseconds)
    return _time(date, f"{_date_words(date)}, {date:%H:%M:%S}")


def clock_time(microseconds: int) -> Markup:
    """Write the time of day in UTC of an instant, for lists that have a heading for each day."""
    date = _utc(microseconds)
    return _time(date, f"{date:%H:%M}")


def recent(microseconds: int, now: int) -> Markup:
    """Write an instant as short as a list allows: the time of day for today's, else the date."""
    date, today = _utc(microseconds), _utc(now)
    if date.date() == today.date():
        return clock_time(microseconds)
    words = f"{date.day} {MONTHS[date.month - 1]}" if date.year == today.year else _date_words(date)
    return _time(date, words)


def day_of(microseconds: int) -> str:
    """Write the UTC date of an instant."""
    return _date_words(_utc(microseconds))


def day(number: int) -> str:
    """Write a UTC day number (days since 1970) as a date."""
    return _date_words(datetime.fromtimestamp(number * DAY_SECONDS, UTC))


def iso_day(number: int) -> str:
    """Write a UTC day number as a date input has it."""
    return datetime.fromtimestamp(number * DAY_SECONDS, UTC).date().isoformat()


def in_base64(data: bytes) -> str:
    """Write bytes as base64."""
    return base64.b64encode(data).decode()


def initials(name: str) -> str:
    """Take the first letters of the first and the last word of a name, for the drawn portrait."""
    words = name.split()
    return "".join(word[0] for word in words[:: max(1, len(words) - 1)][:2]).upper() or "?"


@cache
def static(name: str) -> str:
    """Give the address of a static file; it changes with the file's content, so browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


@cache
def static_folder(name: str) -> tuple[str, str]:
    """Give the address of a folder of modules that import each other, and the digest of all their bytes.

    The digest stands in the path, so that imports between them stay within one version.
    """
    digest = hashlib.sha256()
    for path in sorted((STATIC / name).rglob("*.js")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content}  {path.relative_to(STATIC / name).as_posix()}\n".encode())
    return f"/static/{name}/{digest.hexdigest()[:12]}", digest.hexdigest()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "base64": in_base64,
        "clock_time": clock_time,
        "day": day,
        "day_of": day_of,
        "inert": inert,
        "initials": initials,
        "iso_day": iso_day,
        "moment": moment,
        "recent": recent,
        "second": second,
        "spelled": encode,
    }
    environment.globals["static"] = static
    return environment


_ENVIRONMENT = _environment()


def content_security_policy(form_actions: Iterable[str] = ()) -> str:
    """Write the policy of a page.

    Args:
        form_actions: origins to which an answer to one of the page's own forms may redirect; browsers apply
            `form-action` to the redirect too (CSP Level 3, section 6.4.1).
    """
    targets = " ".join(("'self'", *form_actions))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
    )


def security_headers(form_actions: Iterable[str] = (), *, keeps_opener: bool = False) -> dict[str, str]:
    """Make the headers that every page carries.

    A page keeps no tie to the one that opened its window (HTML, section 7.1.3.2), but for the dialog in a
    popup, which tells that one how it ended. The referrer policy is `same-origin`, not `no-referrer`: the
    latter makes browsers send `Origin: null` with our own forms (Fetch, section 3.2).
    """
    return {
        "cache-control": "private, no-store",
        "content-security-policy": content_security_policy(form_actions),
        "cross-origin-opener-policy": "unsafe-none" if keeps_opener else "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }


def _spoken(language: Language) -> dict[str, Any]:
    """Give a template the words of a language; values in a text are escaped, the text itself is ours."""

    def gettext(text: str, **values: object) -> Markup:
        return Markup(language.catalogue.gettext(text)) % values  # noqa: S704  (ours; the values are escaped)

    def ngettext(one: str, many: str, n: int, **values: object) -> Markup:
        text = language.catalogue.ngettext(one, many, n)
        return Markup(text) % {"n": n, **values}  # noqa: S704  (ours; the values are escaped)

    def moment_in(microseconds: int) -> Markup:
        return _time(_utc(microseconds), language.moment(microseconds))

    return {
        "_": gettext,
        "ngettext": ngettext,
        "lang": language.tag,
        "day_in": language.day,
        "moment_in": moment_in,
    }


def render(template: str, language: Language = ENGLISH, **context: Any) -> str:
    """Render a template to HTML text; `person`, `here` and `notice` are None unless given."""
    return _ENVIRONMENT.get_template(template).render(
        {"person": None, "here": None, "notice": None, **_spoken(language), **context}
    )


def page(
    template: str,
    *,
    person: Account | None = None,
    status: int = 200,
    said: str | None = None,
    form_actions: Iterable[str] = (),
    keeps_opener: bool = False,
    language: Language = ENGLISH,
    **context: Any,
) -> Response[str]:
    """Answer with a page.

    Args:
        template: its path under `templates/`.
        person: who is signed in; decides what the navigation offers.
        status: the HTTP status.
        said: a key of `NOTICES`, from the `said` query parameter after a redirect; others show nothing.
        form_actions: see `content_security_policy`.
        keeps_opener: see `security_headers`.
        language: what it is said in, as far as its texts are in the catalogue.
        context: what the template is given.
    """
    notice = language.gettext(NOTICES[said]) if said and said in NOTICES else None
    return Response(
        render(template, language, person=person, notice=notice, **context),
        status_code=status,
        media_type=MediaType.HTML,
        headers=security_headers(form_actions, keeps_opener=keeps_opener),
    )
