"""The plain HTML of a bundle's summary: one page without script or anything from elsewhere."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNBROKEN = 40
"""Characters without a space that no word has, but a key or a digest."""

_DATE = len("2026-11-28")

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
"""

STYLE = """:root {
  color-scheme: light;
  --ink: #1c2420; --quiet: #57615b; --line: #cfcabb; --accent: #17594a; --risk: #97291d;
}
* { box-sizing: border-box; }
body { margin: 0; background: #f5f3ec; color: var(--ink); font: 1rem/1.5 Georgia, "Noto Serif", serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; background: #fffdf8; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1rem 0; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 0.75rem; padding-top: 0.75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.25rem; }
p, ul { margin: 0.5rem 0; }
ul { padding-left: 1.25rem; }
li, pre, .code { overflow-wrap: anywhere; }
.private { margin: 0; padding: 0.75rem 1rem; border: 2px solid var(--risk); color: var(--risk); }
.answer { font-size: 1.15rem; font-weight: bold; color: var(--accent); }
.quiet { color: var(--quiet); }
.wide { overflow-x: auto; }
table { width: 100%; min-width: 40rem; border-collapse: collapse; font-size: 0.875rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: 0.5rem; }
th, td { padding: 0.35rem 0.6rem 0.35rem 0; border-bottom: 1px solid var(--line); }
th, td { text-align: left; vertical-align: top; }
th { font-weight: bold; }
.wide + .wide { margin-top: 1.5rem; }
.short, .number { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.code, pre { font: 0.8rem/1.45 "DejaVu Sans Mono", "Liberation Mono", Consolas, monospace; }
pre { padding: 0.75rem; border: 1px solid var(--line); white-space: pre-wrap; }
@page { margin: 18mm 16mm; }
@media print {
  body, main { background: #ffffff; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, h3, caption { break-after: avoid; }
  tr, li, pre, .private { break-inside: avoid; }
  .wide { overflow: visible; }
  table { min-width: 0; }
  thead { display: table-header-group; }
}
"""


def page(title: str, body: Iterable[str]) -> bytes:
    """Put a page together; `body` is markup."""
    return PAGE.format(title=text(title), style=STYLE, body="".join(f"{part}\n" for part in body)).encode()


def text(value: object) -> str:
    """Escape a value, and replace what a reader would not see: names and purposes are other people's text."""
    return html.escape("".join(char if char.isprintable() else REPLACEMENT for char in str(value)))


def element(tag: str, value: object, css_class: str = "") -> str:
    """Write one element around escaped text."""
    attribute = f' class="{css_class}"' if css_class else ""
    return f"<{tag}{attribute}>{text(value)}</{tag}>"


def listed(lines: Iterable[str]) -> str:
    """Write a list of lines; nothing for none."""
    items = "".join(element("li", line) for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write a table; numbers stand to the right, keys and digests in a typewriter's letters."""
    kinds = [_kind(value) for value in rows[0]] if rows else [""] * len(head)
    titles = "".join(map(_title, head, kinds))
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    return (
        f'<div class="wide"><table><caption>{text(caption)}</caption>\n'
        f"<thead><tr>{titles}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def verbatim(value: str) -> str:
    """Write text with its line ends as they are."""
    return f"<pre>{chr(10).join(map(text, value.splitlines()))}</pre>"


def _title(value: str, kind: str) -> str:
    number = ' class="number"' if kind == "number" else ""
    return f'<th scope="col"{number}>{text(value)}</th>'


def _cell(value: object) -> str:
    return element("td", value, _kind(value))


def _kind(value: object) -> str:
    if isinstance(value, int):
        return "number"
    if len(str(value)) <= _DATE:
        return "short"
    return "code" if len(str(value)) >= _UNBROKEN and " " not in str(value) else ""
