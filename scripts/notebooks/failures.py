"""What can be wrong with a cell, in words for a person."""

import re

from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellExecutionError, DeadKernelError

# The reply is "ok" for a cell whose timer threw, or whose promise failed with nobody waiting for it.
# tslab says so on the cell's stderr; on Deno's kernel, the library does.
UNCAUGHT = re.compile(r"^(UncaughtException|UnhandledPromiseRejection): ", re.MULTILINE)


class SilentFailure(Exception):
    """What went wrong in a cell although the kernel's reply says nothing of it."""


def check_stderr(cell):
    """Raises SilentFailure if the cell's stderr tells of an error outside its own flow."""
    if UNCAUGHT.search(stderr_of(cell)):
        raise SilentFailure(stderr_of(cell))


def explain(thrown, kernel, cell, kernel_log):
    """The text of a failure: of the cell that was running, if any."""
    if isinstance(thrown, SilentFailure):
        return str(thrown)
    if isinstance(thrown, NoSuchKernel):
        return (
            f'There is no Jupyter kernel "{kernel}": '
            "install the project's kernels with: deno task setup"
        )
    if isinstance(thrown, CellExecutionError):
        # The Deno kernel replies with a traceback; tslab writes it to the cell's stderr.
        traceback = "\n".join(
            line
            for output in cell.outputs
            if output.output_type == "error"
            for line in output.traceback or [f"{output.ename}: {output.evalue}"]
        )
        return traceback or stderr_of(cell) or f"{thrown.ename}: {thrown.evalue}".strip(": ")
    kernel_log.seek(0)
    log = kernel_log.read().decode("utf-8", "replace")[-2000:].strip()
    reason = (
        "The kernel ended while the cell ran."
        if isinstance(thrown, DeadKernelError)
        else f"{type(thrown).__name__}: {thrown}"
    )
    return f"{reason}\nThe kernel's own last output:\n{log}" if log else reason


def stderr_of(cell):
    """What a cell printed to standard error."""
    return "".join(
        output.text
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )
