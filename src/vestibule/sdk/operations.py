"""Every operation whose answers carry receipts, by name, for whoever looks at an answer later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vestibule.sdk import answers, lists, unchanged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.sdk.checking import Operation

BY_NAME: Final[Mapping[str, Operation[Any]]] = {
    one.name: one
    for one in (
        answers.READ,
        answers.SEND,
        answers.DELETE,
        answers.LIST,
        answers.REFUSED,
        lists.CONVERSATIONS,
        lists.RECOMMENDATIONS,
        lists.FILE,
        *unchanged.NOTHING_NEW.values(),
    )
}
