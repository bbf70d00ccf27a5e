#!/bin/sh
# Writes the lock files from pyproject.toml: every package of every platform, pinned, with its hashes, and no
# index in it. requirements.lock runs the platform and the demo; requirements-dev.lock, the same versions and
# more, is for the tests; requirements-fuzz.lock is the fuzzer alone, requirements-scan.lock the web scanner,
# requirements-spark.lock and requirements-java.lock are for `make spark`, requirements-s3.lock for `make s3`. uv
# only resolves here, so it lives in a folder of its own.
set -eu

uv=.cache/uv/bin/uv
[ -x "$uv" ] || { .venv/bin/python -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv; }

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --custom-compile-command "make lock" --upgrade "$@"
}
compile --extra server --group demo --output-file requirements.lock pyproject.toml
compile --extra server --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
compile --group pyproject.toml:fuzz --output-file requirements-fuzz.lock
compile --group pyproject.toml:scan --output-file requirements-scan.lock
compile --group spark --output-file requirements-spark.lock pyproject.toml
compile --group pyproject.toml:java --output-file requirements-java.lock
compile --group pyproject.toml:s3 --output-file requirements-s3.lock
