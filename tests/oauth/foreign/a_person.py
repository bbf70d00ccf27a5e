"""A person who decides about a partner's requests."""

from dataclasses import dataclass

from tests.web.conftest import PASSWORD, Person
from tests.web.deciding import decide


@dataclass(frozen=True)
class Deciding:
    """Somebody signed in, and the conversation she would let a partner into."""

    person: Person
    conversation: str

    def visit(self, url: str, decision: str) -> str:
        """Go to the consent page and decide there; returns where the platform sends her in the end."""
        browser = self.person.browser
        return decide(browser, url, decision, conversation=self.conversation, password=PASSWORD)
