"""`make scan`: lets wapiti attack every page it finds: as nobody, signed in, and as member and staff.

Exits 1 if it reports anything above informational. Two of its modules are left out: `csrf` looks for tokens
in forms, and ours are protected by what browsers say of a request's origin (`web/cross_site.py`, its tests);
`https_redirect` complains of every redirect on a platform that is served on loopback.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.a_platform import appoint, settle
from tests.crash.a_server import Server

WAPITI = Path(".cache/scan/bin/wapiti")
MODULES = (
    "backup cms cookieflags crlf csp exec file htaccess http_headers information_disclosure"
    " ldap methods permanentxss redirect shellshock sql timesql upload xss xxe"
)
"""All that need nobody else on the network."""
LEFT_ALONE = ("/signout", "/api/events")
"""Would end the session, and never ends."""
WORDS = ("vulnerabilities", "anomalies")
"""The parts of a report above informational."""


def main() -> int:
    """Scan; 0 if there is nothing above informational."""
    seconds = _arguments().seconds
    with tempfile.TemporaryDirectory(prefix="vestibule-scan-") as folder:
        server = Server(Path(folder) / "data")
        try:
            server.start()
            cast = settle(server.base, server.data)
            appoint(server.base, server.data, "bob")
            cookies = {
                "nobody": "",
                "somebody signed in": cast.people["ana"].cookie,
                "member and staff": cast.people["bob"].cookie,
            }
            found = [_scan(server.base, *one, Path(folder), seconds) for one in cookies.items()]
        finally:
            server.leave()
    return 1 if any(found) else 0


def _scan(base: str, who: str, cookie: str, folder: Path, seconds: int) -> int:
    """Run wapiti once and print what it found; returns how much."""
    report, began = folder / f"{who}.json", time.monotonic()
    command = [str(WAPITI), "--url", f"{base}/", "--module", MODULES.replace(" ", ","), "--no-bugreport"]
    command += ["--format", "json", "--output", str(report), "--flush-session", "--verbose", "0"]
    command += ["--store-session", str(folder / who), "--max-scan-time", str(seconds)]
    command += [word for path in LEFT_ALONE for word in ("--exclude", f"{base}{path}")]
    command += ["--header", f"Cookie: {cookie}"] if cookie else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not report.exists():
        raise SystemExit(f"wapiti made no report (exit code {done.returncode}):\n{done.stderr}")
    return _told(who, json.loads(report.read_text()), time.monotonic() - began)


def _told(who: str, report: dict[str, dict[str, list[dict[str, object]]]], seconds: float) -> int:
    found = [(kind, one) for word in WORDS for kind, those in report[word].items() for one in those]
    pages = report["infos"].get("crawled_pages_nbr", "?")
    print(f"as {who}: {pages} pages, {len(found)} findings, {seconds:.0f} s")
    for kind, one in found:
        print(f"  {kind}: {one['method']} {one['path']} {one['parameter']}: {one['info']}")
    return len(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make scan ARGS=...", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="for each of the two scans (default: 600)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
