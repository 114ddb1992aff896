"""Executes notebooks in order, each in a fresh kernel, and stops at the first that fails.

Standard output carries one JSON object a line:

    {"event": "notebook", "notebook": "03_raw_to_bronze.ipynb", "cells": 12}
    {"event": "cell", "notebook": ..., "cell": 4, "cells": 12, "seconds": 1.5}
    {"event": "passed", "notebook": ..., "seconds": 20.1}
    {"event": "failed", "notebook": ..., "seconds": 3.2, "cell": 4, "source": ..., "error": ...}

Cells are counted as JupyterLab numbers them: code cells that are not empty, from 1. `seconds`
counts from the start of the notebook. `cell` is null where no cell is to blame.

Exit code: 0 all passed, 1 one failed, 130 interrupted.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from ansi import without_ansi
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

# tslab answers "ok" for a cell whose timer threw, and only says so on the cell's stderr.
TSLAB_UNCAUGHT = re.compile(r"^UncaughtException: ", re.MULTILINE)


class UncaughtException(Exception):
    """An exception outside the cell's own flow, of which the kernel's reply says nothing."""


class NotebookRun:
    """One notebook on its way through a kernel."""

    def __init__(self, path, out, kernel, timeout, emit):
        self.path = path
        self.out = out
        self.kernel = kernel
        self.timeout = timeout
        self.emit = lambda event, **facts: emit(event=event, notebook=path.name, **facts)
        self.started = time.monotonic()
        self.notebook = None
        self.code_cells = []
        self.current = None  # the cell that runs
        self.interrupted = False

    async def execute(self):
        """Runs the notebook, writes the executed copy, and tells whether it passed."""
        error = None
        with tempfile.TemporaryFile() as kernel_log:
            try:
                self.read()
                await self.run_cells(kernel_log)
            except Exception as thrown:
                error = self.explain(thrown, kernel_log)
        if self.notebook is not None:
            self.write()
        else:
            (self.out / self.path.name).unlink(missing_ok=True)  # of an earlier run
        if self.interrupted:
            return False
        if error is None:
            self.emit("passed", seconds=self.seconds())
            return True
        self.emit(
            "failed",
            seconds=self.seconds(),
            cell=self.number(self.current),
            source=self.current.source if self.current else "",
            error=without_ansi(error).strip(),
        )
        return False

    def read(self):
        spec = KernelSpecManager().get_kernel_spec(self.kernel)
        self.notebook = nbformat.read(self.path, as_version=4)
        # The copy names the kernel that made it, and holds no output of an earlier run.
        self.notebook.metadata.kernelspec = {
            "name": self.kernel,
            "display_name": spec.display_name,
            "language": spec.language,
        }
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
                cell.execution_count = None
                if cell.source.strip():
                    self.code_cells.append(cell)
        self.emit("notebook", cells=len(self.code_cells))

    async def run_cells(self, kernel_log):
        task = asyncio.current_task()

        def interrupt():
            self.interrupted = True
            self.client.shutdown_kernel = "immediate"
            task.cancel()

        def on_notebook_start(notebook):
            # nbclient's own handlers, set just before, leave a pending cell pending.
            handle_signals(interrupt)

        def on_cell_execute(cell, cell_index):
            self.current = cell
            self.emit(
                "cell",
                cell=self.number(cell),
                cells=len(self.code_cells),
                seconds=self.seconds(),
            )

        def on_cell_executed(cell, cell_index, execute_reply):
            if execute_reply["content"]["status"] == "ok":
                if TSLAB_UNCAUGHT.search(stderr_of(cell)):
                    raise UncaughtException
                self.current = None

        self.client = NotebookClient(
            self.notebook,
            kernel_name=self.kernel,
            timeout=self.timeout,
            startup_timeout=120,
            on_notebook_start=on_notebook_start,
            on_cell_execute=on_cell_execute,
            on_cell_executed=on_cell_executed,
        )
        # nbclient logs what is raised here as well.
        self.client.log.disabled = True
        await self.client.async_execute(
            cwd=self.path.parent, stdout=kernel_log, stderr=kernel_log
        )

    def explain(self, thrown, kernel_log):
        """The text of a failure, for a person."""
        if isinstance(thrown, NoSuchKernel):
            return (
                f'There is no Jupyter kernel "{self.kernel}": '
                "install the project's kernels with: deno task setup"
            )
        if isinstance(thrown, CellTimeoutError):
            return (
                f"The cell did not end within {self.timeout} s. If it needs longer, raise --timeout. "
                "An exception in a timer also leaves a cell waiting for ever on the Deno kernel."
            )
        if isinstance(thrown, CellExecutionError):
            # The Deno kernel replies with a traceback; tslab writes it to the cell's stderr.
            traceback = "\n".join(
                line
                for output in self.current.outputs
                if output.output_type == "error"
                for line in output.traceback or [f"{output.ename}: {output.evalue}"]
            )
            return (
                traceback
                or stderr_of(self.current)
                or f"{thrown.ename}: {thrown.evalue}".strip(": ")
            )
        if isinstance(thrown, UncaughtException):
            return stderr_of(self.current)
        kernel_log.seek(0)
        log = kernel_log.read().decode("utf-8", "replace")[-2000:].strip()
        reason = (
            "The kernel ended while the cell ran."
            if isinstance(thrown, DeadKernelError)
            else f"{type(thrown).__name__}: {thrown}"
        )
        return f"{reason}\nThe kernel's own last output:\n{log}" if log else reason

    def write(self):
        """Writes the executed copy, whole or not at all."""
        target = self.out / self.path.name
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        # Half a surrogate pair, which a kernel's JSON can carry, has no UTF-8.
        text = nbformat.writes(self.notebook) + "\n"
        unfinished.write_bytes(text.encode("utf-8", "replace"))
        os.replace(unfinished, target)

    def number(self, cell):
        """The cell's number, from 1; None for no cell."""
        numbers = (k for k, other in enumerate(self.code_cells, 1) if other is cell)
        return next(numbers, None)

    def seconds(self):
        return round(time.monotonic() - self.started, 3)


def stderr_of(cell):
    return "".join(
        output.text
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )


def handle_signals(handler):
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        return  # no handlers there; Ctrl-C reaches the kernel as well, which ends the cell
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, handler)


async def execute_all(arguments, emit):
    for path in arguments.notebooks:
        run = NotebookRun(
            path.resolve(), arguments.out, arguments.kernel, arguments.timeout, emit
        )
        passed = await run.execute()
        if run.interrupted:
            return 130
        if not passed:
            return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--timeout", type=int, required=True, help="seconds a cell may take")
    parser.add_argument("--out", type=Path, required=True, help="folder of the executed copies")
    parser.add_argument("notebooks", type=Path, nargs="+")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    def emit(**event):
        print(json.dumps(event), flush=True)

    sys.exit(asyncio.run(execute_all(arguments, emit)))


if __name__ == "__main__":
    main()
