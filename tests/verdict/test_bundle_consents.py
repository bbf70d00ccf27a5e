"""Consent receipts in a dispute bundle: what a person agreed to goes along, and is checked with the rest."""

from pathlib import Path

import pytest

from tests.verdict.bundles import changed, files_of, flipped, lay_out, make
from tests.verdict.consents import PURPOSE, Granted, grant, granted
from tests.verdict.log_builder import ALICE, BOB, READ
from vestibule.cli.main import main

CONSENT = "consents/leaf-4.jwt"


@pytest.fixture
def found() -> Granted:
    agreed = granted(READ)
    agreed.log.partner("marquee")
    return agreed


def laid_out(found: Granted, folder: Path, text: bytes | None = None) -> Path:
    """Write the log and what she holds, her consent receipt among it."""
    (lay_out(found.log, folder) / "consent.jwt").write_bytes(text or found.receipt())
    return folder


def made(folder: Path, *more: str) -> Path:
    assert make(folder, "--receipt", str(folder / "consent.jwt"), *more) == 0
    return folder / "bundle.zip"


def test_what_she_agreed_to_is_answered_in_a_section_of_its_own(
    found: Granted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = made(laid_out(found, tmp_path), "--person", str(tmp_path / "alice.json"))
    assert "Private." in capsys.readouterr().out
    files = files_of(bundle)
    assert files[CONSENT] == found.receipt()
    page = files["summary.html"].decode()
    assert "<h2>What this person agreed to</h2>" in page
    assert PURPOSE in page
    assert "by passkey" in page
    assert main(["verify", str(bundle)]) == 1  # as her history says: nothing was released
    said = capsys.readouterr().out
    assert "Did this person agree to what Jukebox may do?" in said
    assert "agreed-4: found" in said
    assert "signed by her passkey" in said


def test_a_resumption_is_told_from_a_newer_agreement_by_her_file(found: Granted, tmp_path: Path) -> None:
    text = found.receipt()
    found.log.event("end", "jukebox", ALICE, grant=found.grants[0])
    grant(found, READ)
    folder = laid_out(found, tmp_path, text)
    alone = files_of(made(folder))["summary.html"].decode()
    assert "after it had ended or rested" in alone
    (folder / "bundle.zip").unlink()
    with_file = files_of(made(folder, "--person", str(folder / "alice.json")))["summary.html"].decode()
    assert "goes on under this agreement, newly granted with leaf" in with_file


def test_a_consent_receipt_alone_makes_a_bundle_private(
    found: Granted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(laid_out(found, tmp_path))
    assert "Private." in capsys.readouterr().out


def test_one_that_was_tampered_with_is_refused_with_fitting_sums(
    found: Granted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = made(laid_out(found, tmp_path))
    forged = changed(bundle, {CONSENT: flipped(found.receipt(), 500)})
    assert main(["verify", str(forged)]) == 4
    assert "consent receipt" in capsys.readouterr().err


def test_one_that_is_left_out_is_missed(
    found: Granted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = made(laid_out(found, tmp_path))
    assert main(["verify", str(changed(bundle, {CONSENT: None}))]) == 1
    assert "summary.html" in capsys.readouterr().out  # it says something else than what was computed


def test_anothers_file_or_another_company_makes_no_bundle(
    found: Granted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found.log.event("refusal", "jukebox", BOB)
    folder = laid_out(found, tmp_path)
    receipt = ("--receipt", str(folder / "consent.jwt"))
    assert make(folder, *receipt, "--person", str(folder / "bob.json")) == 4
    assert "got another person's" in capsys.readouterr().err
    assert make(folder, *receipt, partner="marquee") == 4
    assert "expected one about marquee, got jukebox" in capsys.readouterr().err
    assert not (folder / "bundle.zip").exists()
