"""Mistakes at the rim: pages, forms, dialogs."""

from typing import Final

from tools.mutants.mutant import Mutant

CARD: Final = "src/vestibule/sharing/card.py"
SITES: Final = "src/vestibule/web/cross_site.py"
DIALOGS: Final = "tests/web/test_dialog.py::"

MUTANTS: Final = (
    Mutant(
        "takes a post that another site caused",
        SITES,
        '        return site.decode("latin-1") not in OWN',
        "        return False",
        "tests/web/test_cross_site.py::test_only_own_pages_and_clients_that_are_no_browsers_may_change_something",
    ),
    Mutant(
        "takes another port of this host for itself",
        SITES,
        'OWN = frozenset({"same-origin", "none"})',
        'OWN = frozenset({"same-origin", "same-site", "none"})',
        "tests/web/test_cross_site.py::test_a_form_on_another_port_of_this_host_cannot_ask_for_friends",
    ),
    Mutant(
        "lets a dialog be sent by somebody else again",
        "src/vestibule/sharing/dialogs.py",
        "        and (sent_by is null or (sent_by = :sent_by and choice = :choice))\n",
        "        and (sent_by is null or choice = :choice)\n",
        DIALOGS + "test_somebody_else_cannot_send_it_again",
    ),
    Mutant(
        "shows a card whose signature it did not check",
        "src/vestibule/sharing/signed_card.py",
        "        if not ed25519.is_valid(public, self._signed, self._signature):",
        "        if False:",
        DIALOGS + "test_a_card_signed_for_one_title_shows_no_other",
    ),
    Mutant(
        "shows a card that was made for another platform",
        "src/vestibule/web/handed.py",
        "    if signed.audience != platform.settings.origin:",
        "    if False:",
        DIALOGS + "test_a_card_that_is_not_in_order_opens_no_dialog_and_sends_her_nowhere",
    ),
    Mutant(
        "lets a card lead out of its partner's origin",
        CARD,
        '    if f"{parts.scheme}://{parts.netloc}" != home_origin:',
        "    if not parts.netloc:",
        DIALOGS + "test_a_card_that_is_not_in_order_opens_no_dialog_and_sends_her_nowhere",
    ),
    Mutant(
        "lets a partner's app frame the dialog",
        "src/vestibule/web/pages.py",
        "frame-ancestors 'none'",
        "frame-ancestors *",
        "tests/web/test_pages.py::test_the_policy_forbids_everything_that_is_not_ours",
    ),
)
