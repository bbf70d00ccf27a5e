"""Fetches the curve arithmetic of the page /verify from npm, by its digest, into the package's static files.

Run at every install (hatch_build.py). Two pinned packages are downloaded; of each, the modules that
ed25519.js needs are written out, with their bare imports made relative so that a browser finds them. Nothing
of it is in the repository. Without a network the platform works all the same: that page then offers the
command line.
"""

import base64
import hashlib
import http.client
import io
import os
import shutil
import sys
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src" / "vestibule" / "web" / "static" / "verify" / "vendor"
REGISTRY = os.environ.get("npm_config_registry", "https://registry.npmjs.org")  # noqa: SIM112  (npm's name)
TIMEOUT = 20.0
LARGEST = 4_000_000
"""Bytes of a package that are read at most."""


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package of the scope @noble: its version, its archive's digest as npm writes it, its files."""

    name: str
    version: str
    integrity: str
    files: tuple[str, ...]

    def url(self, registry: str) -> str:
        """Where a registry has the archive."""
        return f"{registry.rstrip('/')}/@noble/{self.name}/-/{self.name}-{self.version}.tgz"


PACKAGES = (
    Package(
        "curves",
        "2.4.0",
        "sha512-P4/62zrgfH33CneE3Dn4WhJVA22YUU0eR51wKIan4NVRvwsA0YnPTwWGpNbpuacSujmSFLvyzpyuR30+fbq2Ew==",
        (
            "LICENSE",
            "ed25519.js",
            "utils.js",
            "abstract/curve.js",
            "abstract/edwards.js",
            "abstract/fft.js",
            "abstract/frost.js",
            "abstract/hash-to-curve.js",
            "abstract/modular.js",
            "abstract/montgomery.js",
            "abstract/oprf.js",
        ),
    ),
    Package(
        "hashes",
        "2.4.0",
        "sha512-X5XaVWZIBCT7HHZGm5I7ZQXDwLG+bGXuSrMQAW+7Zvl87h1kmc1ZB1VSRJcpUfoUrGQp4Fkoxm5kZ+Ms+aW+eA==",
        ("LICENSE", "sha2.js", "utils.js", "_md.js", "_u64.js"),
    ),
)
PINNED = "".join(f"@noble/{package.name} {package.version} {package.integrity}\n" for package in PACKAGES)
"""What the folder's file PINNED holds once it is complete."""


class VendorError(Exception):
    """A package cannot be had, or is not the one that was pinned."""


def fetch(package: Package, registry: str) -> bytes:
    """Download an archive.

    Raises:
        VendorError: if it cannot be had, or its digest is another.
    """
    url = package.url(registry)
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310  (an http address)
            data: bytes = answer.read(LARGEST)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise VendorError(f"{url}: {error}") from error
    got = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if got != package.integrity:
        raise VendorError(f"{url}: expected {package.integrity}, got {got}")
    return data


def unpack(package: Package, archive: bytes, folder: Path) -> None:
    """Write the package's files below a folder; an archive is read, never extracted."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for name in package.files:
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise VendorError(f"{package.name}: expected the file {name}, got none")
            path = folder / package.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(relative(member.read().decode(), name), encoding="utf-8")


def relative(code: str, name: str) -> str:
    """Make imports of the sister package relative to a file of its own package."""
    up = "../" * (name.count("/") + 1)
    return code.replace("'@noble/hashes/", f"'{up}hashes/")


def vendor(target: Path = TARGET, registry: str = REGISTRY) -> bool:
    """Fetch what is missing or pinned anew; say whether anything was written.

    Raises:
        VendorError: if a package cannot be had; the folder is then as it was.
    """
    pinned = target / "PINNED"
    if pinned.exists() and pinned.read_text(encoding="utf-8") == PINNED:
        return False
    archives = [fetch(package, registry) for package in PACKAGES]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        made = Path(temporary) / "vendor"
        for package, archive in zip(PACKAGES, archives, strict=True):
            unpack(package, archive, made)
        (made / "PINNED").write_text(PINNED, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    return True


def main() -> int:
    """Vendor, and return the exit status."""
    try:
        written = vendor()
    except VendorError as error:
        print(
            f"vendor: no curve arithmetic for the page /verify: {error}\n"
            "vendor: everything else works; run `python tools/vendor.py` again when there is a network",
            file=sys.stderr,
        )
        return 1
    print(f"vendor: {'wrote' if written else 'kept'} {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
