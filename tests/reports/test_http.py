import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from jsonschema_rs import Draft202012Validator

from tests.gate.a_platform import receipts_of
from tests.reports.a_desk import Desk, made, table, title
from vestibule.ledger import leaf as leaves
from vestibule.ledger.engagement import authenticate
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.ledger.report import ReportLeaf
from vestibule.ledger.report_file import CSV, JSON
from vestibule.reports.editions import File


def put(desk: Desk, label: str, report: File, **changed: str) -> httpx2.Response:
    path = f"/v1/reports/{label}"
    headers = desk.world.headers("marquee", "PUT", path, report.data)
    fields = {**headers, "content-type": report.media_type, "jws-signature": report.signature, **changed}
    work = desk.world.nobody.request("PUT", path, content=report.data, headers=fields)
    answer: httpx2.Response = desk.world.run(work)
    return answer


def get(desk: Desk, path: str) -> dict[str, Any]:
    answer = desk.world.signed("marquee", "GET", f"/v1/reports{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def quiet(desk: Desk) -> Fortnight:
    """Let a fortnight be over in which nobody sent anything: the platform's own count is of real events."""
    fortnight = desk.begin()
    desk.on(fortnight.over_on)
    return fortnight


@pytest.mark.parametrize("kind", [CSV, JSON])
def test_a_partner_files_over_http_and_gets_receipt_keys_and_differences(desk: Desk, kind: str) -> None:
    fortnight = quiet(desk)
    told = table(fortnight, (3, 1))
    report = made(title(fortnight), told, kind)
    answer = put(desk, fortnight.label, report)
    assert answer.status_code == 200, answer.text
    filed = answer.json()
    [receipt] = receipts_of(answer)
    assert receipt.extra is not None
    leaf = leaves.parse(json.loads(receipt.extra)["leaf"].encode())
    assert isinstance(leaf, ReportLeaf)
    keys = {side: base64.b64decode(key) for side, key in filed["keys"].items()}
    assert (leaf.ours, leaf.theirs) == (authenticate(keys["ours"], {}), authenticate(keys["theirs"], told))
    assert filed["edition"] == {
        "edition": 1,
        "verdict": "differs",
        "late": False,
        "tolerance": 0,
        "leaf": receipt.index,
    }
    [row] = filed["differences"]
    assert (row["day"], row["surface"], row["within"]) == (write_day(fortnight.first), "film", False)
    assert row["sends"] == {"ours": 0, "theirs": 3, "absolute": 3, "percent": 100.0}
    again = put(desk, fortnight.label, report)
    assert {**again.json(), "receipts": []} == {**filed, "receipts": []}
    assert {**get(desk, f"/{fortnight.label}"), "receipts": []} == {**filed, "receipts": []}
    [listed] = [one for one in get(desk, "")["periods"] if one["period"] == fortnight.label]
    assert listed["editions"] == [filed["edition"]]


def test_earlier_editions_can_be_read_too(desk: Desk) -> None:
    fortnight = quiet(desk)
    put(desk, fortnight.label, made(title(fortnight), table(fortnight, (1, 0))))
    assert put(desk, fortnight.label, made(title(fortnight, edition=2), {})).status_code == 200
    assert get(desk, f"/{fortnight.label}")["edition"]["verdict"] == "agrees"
    assert get(desk, f"/{fortnight.label}?edition=1")["edition"]["verdict"] == "differs"
    assert desk.world.signed("marquee", "GET", f"/v1/reports/{fortnight.label}?edition=3").status_code == 404


def test_what_the_platform_counted_is_not_told_before_a_report_is_filed(desk: Desk) -> None:
    fortnight = desk.begin()
    desk.counts(fortnight, table(fortnight, (3, 1)))
    desk.on(fortnight.due)
    desk.look()
    assert get(desk, "")["periods"][0]["editions"][0]["verdict"] == "missing"
    for path in (fortnight.label, f"{fortnight.label}?edition=0"):
        answer = desk.world.signed("marquee", "GET", f"/v1/reports/{path}")
        assert answer.status_code == 404
        assert "that you filed" in answer.text


def test_what_cannot_be_taken_says_where(desk: Desk) -> None:
    fortnight = quiet(desk)
    header = b"day,interface,surface,variant,sends,clicks\n"
    bad = made(title(fortnight), header + f"{write_day(fortnight.first)},,film,,-1,0\n".encode())
    answer = put(desk, fortnight.label, bad)
    assert answer.status_code == 400
    assert "row 2, column sends: expected a whole number" in answer.json()["detail"]
    good = made(title(fortnight), table(fortnight, (1, 0)))
    assert put(desk, "2026-W02", good).json()["detail"].startswith("period: expected the first week")
    assert "content type: expected" in put(desk, fortnight.label, good, **{"content-type": "text/html"}).text
    skipped = put(desk, fortnight.label, made(title(fortnight, edition=2), {}))
    assert (skipped.status_code, skipped.json()["title"]) == (409, "Not the next edition")
    bare = desk.world.signed("marquee", "PUT", f"/v1/reports/{fortnight.label}", good.data)
    assert "JWS-Signature: expected" in bare.json()["detail"]
    assert desk.world.signed("marquee", "GET", f"/v1/reports/{fortnight.label}").status_code == 404


def test_a_file_without_end_is_refused_while_it_is_read(desk: Desk) -> None:
    fortnight, read = quiet(desk), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1024):
            read += 1
            yield bytes(1024 * 1024)

    path = f"/v1/reports/{fortnight.label}"
    fields = desk.world.headers("marquee", "PUT", path, b"")
    work = desk.world.nobody.request("PUT", path, content=endless(), headers={**fields, "content-type": CSV})
    answer = desk.world.run(work)
    assert answer.status_code == 413
    assert "4194304 bytes" in answer.json()["detail"]


def test_nobody_files_for_another(desk: Desk) -> None:
    fortnight = quiet(desk)
    report = made(title(fortnight, partner_id="jukebox"), {})
    answer = put(desk, fortnight.label, report)
    assert "signature header, iss: expected marquee, got jukebox" in answer.json()["detail"]


def test_the_json_schema_says_what_is_taken(desk: Desk) -> None:
    schema = desk.world.get(None, "/reports/schema.json").json()
    fortnight = quiet(desk)
    report = json.loads(made(title(fortnight), table(fortnight, (3, 1)), JSON).data)
    check = Draft202012Validator(schema)
    check.validate(report)
    for changed in ({"clicks": -1}, {"sends": 0.5}, {"surface": "Film"}, {"recipient": "anna"}):
        wrong = {**report, "rows": [{**report["rows"][0], **changed}]}
        assert not check.is_valid(wrong), changed
