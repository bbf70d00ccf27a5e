#!/bin/sh
# Makes .venv (unless it is there) and installs one lock file and this project into it.
# Usage: tools/venv.sh LOCKFILE. PYTHON names another interpreter than the first good one on PATH.
set -eu

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    say "vestibule: needs Python 3.11 or newer, found $(${PYTHON:-python3} --version 2>&1 || true); name one with: make PYTHON=/path/to/python3"
    exit 1
}

# Debian ships venv without ensurepip unless python3-venv is installed.
has_pip() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

need_pip() {
    has_pip "$1" && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "vestibule: installing python3-venv and python3-pip, which this Python lacks"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv python3-pip; } >/dev/null
    fi
    has_pip "$1" && return
    say "vestibule: $1 cannot make a virtual environment; install it with: sudo apt-get install python3-venv python3-pip"
    exit 1
}

lock=$1
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    need_pip "$python"
    say "vestibule: making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
say "vestibule: installing $lock into .venv"
pip() { .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check "$@"; }
pip install --require-hashes -r "$lock"
pip install --no-deps --no-build-isolation --editable .
