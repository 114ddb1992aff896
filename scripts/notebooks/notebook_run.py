"""One notebook on its way through a kernel."""

import asyncio
import os
import signal
import sys
import tempfile
import time

import nbformat
from ansi import without_ansi
from failures import SilentFailure, check_stderr, explain
from jupyter_client.kernelspec import KernelSpecManager
from late_outputs import late_outputs
from nbclient import NotebookClient

# Seconds that a notebook may take, where neither the command nor the notebook says.
DEFAULT_TIMEOUT = 3600


class NotebookRun:
    """Runs a notebook, tells what happens, and writes the executed copy.

    Events go to `emit`; they are those of execute_notebooks.py.
    """

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
        self.current_started = None
        self.ran = []  # the cells that ran to their end
        self.interrupted = False
        self.expired = False

    async def execute(self):
        """Runs the notebook, writes the executed copy, and tells whether it passed."""
        error = None
        with tempfile.TemporaryFile() as kernel_log:
            try:
                self.read()
                await self.run_cells(kernel_log)
            except (Exception, asyncio.CancelledError) as thrown:
                error = explain(
                    self.timeout_error() if self.expired else thrown,
                    kernel=self.kernel,
                    cell=self.current,
                    kernel_log=kernel_log,
                )
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
        # As nbmake does: {"execution": {"timeout": 600}} in the notebook's metadata.
        own = self.notebook.metadata.get("execution", {}).get("timeout")
        self.timeout = self.timeout or own or DEFAULT_TIMEOUT
        self.emit("notebook", cells=len(self.code_cells))

    async def run_cells(self, kernel_log):
        task = asyncio.current_task()
        timer = None

        def end():
            # A kernel that hangs in a loop hears nothing.
            self.client.shutdown_kernel = "immediate"
            task.cancel()

        def interrupt():
            self.interrupted = True
            end()

        def expire():
            self.expired = True
            end()

        def on_notebook_start(notebook):
            # nbclient's own handlers, set just before, leave a pending cell pending.
            handle_signals(interrupt)
            nonlocal timer
            timer = asyncio.get_running_loop().call_later(self.timeout, expire)

        def on_cell_execute(cell, cell_index):
            self.current = cell
            self.current_started = time.monotonic()
            self.emit(
                "cell",
                cell=self.number(cell),
                cells=len(self.code_cells),
                seconds=self.seconds(),
            )

        async def on_cell_executed(cell, cell_index, execute_reply):
            status = execute_reply["content"]["status"]
            if status == "error":
                # tslab drops what it is sent in the 200 ms after an error; where the cell may fail,
                # the next one follows. Otherwise nbclient raises.
                await asyncio.sleep(0.5)
                return
            if status != "ok":
                raise SilentFailure(f'The kernel did not run the cell: it answered "{status}".')
            late = await late_outputs(self.client)
            if late:
                cell.outputs.extend(late)
                self.emit("late", cell=self.number(cell))
            check_stderr(cell)
            self.ran.append(cell)
            self.current = None

        self.client = NotebookClient(
            self.notebook,
            kernel_name=self.kernel,
            timeout=None,  # the limit is for the notebook
            startup_timeout=120,
            on_notebook_start=on_notebook_start,
            on_cell_execute=on_cell_execute,
            on_cell_executed=on_cell_executed,
        )
        # nbclient logs what is raised here as well.
        self.client.log.disabled = True
        try:
            await self.client.async_execute(
                cwd=self.path.parent, stdout=kernel_log, stderr=kernel_log
            )
        finally:
            if timer:
                timer.cancel()
        for cell in self.code_cells:
            if not any(cell is other for other in self.ran):
                self.current = cell
                raise SilentFailure("The cell was not run: has it a tag that says so?")

    def timeout_error(self):
        where = (
            f"this cell was running for {time.monotonic() - self.current_started:.0f} s"
            if self.current
            else "no cell was running"
        )
        return SilentFailure(
            f"The notebook did not end within {self.timeout} s; {where}. If it needs longer, raise "
            "--timeout. An exception in a timer also leaves a cell waiting for ever on the Deno kernel."
        )

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


def handle_signals(handler):
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        return  # no handlers there; Ctrl-C reaches the kernel as well, which ends the cell
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, handler)
