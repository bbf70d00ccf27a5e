"""A partner's engagement reports over the API: filing one, and what came of those that it owes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from vestibule.ledger.report_file import SignedReport
from vestibule.sdk import reported
from vestibule.verdict.receipt import open_receipt

if TYPE_CHECKING:
    from vestibule.ledger.engagement import Table
    from vestibule.sdk.caller import Caller
    from vestibule.sdk.exchange import Exchange
    from vestibule.sdk.reported import Period, Reported

REPORTS = "/v1/reports"
DETACHED = "jws-signature"


class ReportCalls:
    """The part of the API that is about reports."""

    _partner: str
    _caller: Caller

    def file_report(self, data: bytes, media_type: str, signature: str) -> Exchange[Reported]:
        """File a report; the same bytes again are the same edition.

        Args:
            data: the file, as `sdk.signing.report_file` writes it.
            media_type: of the file.
            signature: the detached JWS over it, by `sdk.signing.sign_report`; it says which report this is.

        Returns:
            what came of it, with both tables held to the leaf.

        Raises:
            ReportError: the signature is none.
            TableError: the file is no table; nothing was sent.
            PlatformError: 400 if it cannot be taken, 409 if its edition is not the next one.
            BadReceipt: it is not on record as it has to be.
        """
        signed = SignedReport.parse(signature, data)
        own = signed.table(media_type)
        fields = {"content-type": media_type, DETACHED: signature}
        path = f"{REPORTS}/{signed.title.fortnight.label}"
        answer = yield from self._caller.put(path, data, fields)
        found = reported.reported(answer)
        return self._checked(found, own)

    def report(self, period: str, *, edition: int | None = None) -> Exchange[Reported]:
        """Read an edition on record, the newest unless another is named.

        Raises:
            PlatformError: 404 if there is none such.
            BadReceipt: it is not on record as it has to be.
        """
        which = "" if edition is None else f"?edition={edition}"
        answer, _ = yield from self._caller.call("GET", f"{REPORTS}/{quote(period, safe='')}{which}")
        return self._checked(reported.reported(answer), None)

    def reports(self) -> Exchange[tuple[Period, ...]]:
        """List the fortnights in which anything was counted or filed, newest first."""
        answer, _ = yield from self._caller.call("GET", REPORTS)
        return reported.periods(answer)

    def _checked(self, found: Reported, own: Table | None) -> Reported:
        found.check(open_receipt(found.receipt, self._caller.trust), self._partner, own)
        return found
