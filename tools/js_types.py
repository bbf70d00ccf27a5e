"""Type-checks the browser's modules with the pinned TypeScript of tools/typescript, fetched once into .cache.

They are plain JavaScript, and what a browser gets is what stands in the repository: only their JSDoc types
are read here. Where TypeScript cannot be fetched this says so and passes, except in CI.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.npm import CACHE, NODE, CommandFailedError, folder_that_becomes, install

HERE = Path(__file__).resolve().parent / "typescript"


def compiler() -> Path:
    """Return the program, installed by the lock unless an earlier run did.

    Raises:
        CommandFailedError: if it cannot be fetched.
    """
    version: str = json.loads((HERE / "package.json").read_text())["dependencies"]["typescript"]
    home = CACHE / "typescript" / version
    if not home.is_dir():
        with folder_that_becomes(home) as unfinished:
            install(HERE, unfinished / "npm")
    return home / "npm" / "node_modules" / "typescript" / "bin" / "tsc"


def main() -> int:
    """Check, and return the exit status."""
    try:
        program = compiler()
    except CommandFailedError as error:
        print(f"js_types: not checked, no TypeScript: {error}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    done = subprocess.run([str(NODE), str(program), "--project", str(HERE)], check=False)  # noqa: S603  (a pinned program)
    print("js_types: no complaints" if done.returncode == 0 else "js_types: see above")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
