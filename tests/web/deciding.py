"""A browser without script on the consent page, which decides by the forms it gets."""

from urllib.parse import urljoin

import httpx2

from demo.browser import parse

MOST_PAGES = 4


def decide(
    browser: httpx2.Client, url: str, decision: str, *, conversation: str, password: str, **changed: str
) -> str:
    """Go where a partner sent a person and decide; returns where the platform sends her in the end.

    Args:
        browser: of somebody signed in; it does not follow redirects.
        url: the authorization endpoint with the partner's request.
        decision: `connect` or `decline`.
        conversation: the address of the one that she ticks.
        password: hers, for where she has to prove herself once more.
        changed: other values for the forms' fields.
    """
    page = browser.get(url)
    for _ in range(MOST_PAGES):
        if page.status_code == 303:
            return page.headers["location"]
        assert page.status_code == 200, f"{page.url}: {page.status_code} {page.text[-2000:]}"
        fields, action = _filled(page, conversation, password)
        # The first page only leads on to what exactly she agrees to.
        step = {"connect": "agree" if "shown" in fields else "continue"}.get(decision, decision)
        page = browser.post(action, data={**fields, "decision": step, **changed})
    raise AssertionError(f"still not decided: {page.text[-2000:]}")


def _filled(
    page: httpx2.Response, conversation: str, password: str
) -> tuple[dict[str, str | list[str]], str]:
    """Fill in the page's form, which has everything ticked but the conversation."""
    form = next(form for form in parse(str(page.url), page.text).forms if "/oauth/" in form.action)
    fields: dict[str, str | list[str]] = dict(form.fields.items())
    if 'name="conversation"' in page.text:
        fields["conversation"] = conversation.rpartition("/")[2]
    if 'name="password"' in page.text:
        fields["password"] = password
    return fields, urljoin(str(page.url), form.action)
