"""Spark for `make spark`: a standalone cluster of processes on loopback, and a session in this process."""

import importlib
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ports import free_ports

HOST = "127.0.0.1"
WORKERS = 2
UP_SECONDS = 600
DEPLOY = "org.apache.spark.deploy"
SETTINGS = {
    "spark.driver.bindAddress": HOST,
    "spark.driver.host": HOST,
    "spark.executor.cores": "1",
    "spark.executor.memory": "700m",
    # Nothing is asked before both workers are in.
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": f"{UP_SECONDS}s",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.port": "0",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Run a master and two workers, each a process; gives the master's address."""
    folder.mkdir()
    port, page = free_ports(), free_ports()
    address = f"spark://{HOST}:{port}"
    running = [_start(folder, "master.Master", "--port", port, "--webui-port", page)]
    try:
        for number in range(WORKERS):
            options = ("--cores", 1, "--memory", "1g", "--webui-port", 0, "--work-dir", folder / str(number))
            running.append(_start(folder, "worker.Worker", *options, address))
        _wait(lambda: len(_read(f"http://{HOST}:{page}/json/")["workers"]) == WORKERS, folder)
        yield address
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGTERM)
            process.wait(UP_SECONDS)


def connect(master: str) -> tuple[Any, Callable[[], list[str]]]:
    """Start a session with a master; gives Ibis's connection, and what tells later who did how much."""
    os.environ["SPARK_LOCAL_IP"] = HOST
    # Installed by `make spark` alone, into an environment of its own.
    builder: Any = importlib.import_module("pyspark.sql").SparkSession.builder.master(master)
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    ibis: Any = importlib.import_module("ibis")
    return ibis.pyspark.connect(session), lambda: _work(session.sparkContext)


def _work(context: Any) -> list[str]:
    """Say how many tasks each executor has done, as Spark's own page has it."""
    page = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/executors"
    done = {one["id"]: one["completedTasks"] for one in _read(page) if one["completedTasks"]}
    return [f"executor {name}: {tasks:,} tasks" for name, tasks in sorted(done.items())]


def _start(folder: Path, name: str, *options: object) -> subprocess.Popen[bytes]:
    home = Path(importlib.import_module("pyspark").__file__ or "").parent
    command = [str(home / "bin" / "spark-class"), f"{DEPLOY}.{name}", "--host", HOST, *map(str, options)]
    with (folder / "output").open("ab") as output:
        own = {**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_HOME": str(home)}
        return subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=own)


def _wait(is_up: Callable[[], bool], folder: Path) -> None:
    until = time.monotonic() + UP_SECONDS
    while time.monotonic() < until:
        try:
            if is_up():
                return
        except OSError:  # nobody listens yet
            pass
        threading.Event().wait(0.2)  # Spark offers nothing to wait for
    raise SystemExit(
        f"the cluster did not come up in {UP_SECONDS} s:\n{(folder / 'output').read_text()[-3000:]}"
    )


def _read(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=UP_SECONDS) as answer:  # noqa: S310  (http on loopback)
        return json.load(answer)
