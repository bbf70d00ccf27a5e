"""The project's own promises: the lock files cover what pyproject.toml asks for, and name no index."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def locked(path: Path) -> dict[str, str]:
    """Return the pinned version of each package in a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", path.read_text(), flags=re.MULTILINE))


def asked_for(group: str) -> set[str]:
    """Return the direct dependencies of the platform and of one dependency group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    def members(name: str) -> list[str]:
        found: list[str] = []
        entry: Any
        for entry in project["dependency-groups"][name]:
            found += [entry] if isinstance(entry, str) else members(entry["include-group"])
        return found

    direct = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["server"]
    return {name_of(requirement) for requirement in direct + members(group)}


@pytest.mark.parametrize(("path", "group"), [(RUNTIME, "demo"), (DEVELOPMENT, "dev")])
def test_every_direct_dependency_is_locked(path: Path, group: str) -> None:
    assert asked_for(group) <= locked(path).keys()


@pytest.mark.parametrize("path", [RUNTIME, DEVELOPMENT])
def test_every_locked_package_has_a_hash(path: Path) -> None:
    for block in re.split(r"\n(?=[a-z0-9])", path.read_text()):
        if "==" in block:
            assert "--hash=sha256:" in block


@pytest.mark.parametrize("path", [RUNTIME, DEVELOPMENT, ROOT / "tests" / "browser" / "package-lock.json"])
def test_a_lock_names_no_index(path: Path) -> None:
    assert "://" not in re.sub(r'"(?:url|funding)": "[^"]*"', "", path.read_text())


def test_the_tests_run_on_the_versions_of_the_demo() -> None:
    assert locked(RUNTIME).items() <= locked(DEVELOPMENT).items()


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_points_to_is_there(page: Path) -> None:
    text = page.read_text()
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)}
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+\.(?:py|js|sh))`", text))
    missing = [link for link in links if link and "://" not in link and not (page.parent / link).exists()]
    missing += [name for name in named if not any((base / name).exists() for base in places())]
    assert missing == []


def places() -> tuple[Path, ...]:
    """Return what a page's paths to code may be relative to."""
    return ROOT, ROOT / "src" / "vestibule", ROOT / "src" / "vestibule" / "web"
