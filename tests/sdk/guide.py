"""The partners' guide as a program: its code blocks, in the order in which a reader meets them."""

import re
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "partners.md"


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
