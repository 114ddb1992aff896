"""Drives a notebook kernel as Jupyter does, and prints what came of it as JSON.

  kernel_probe.py run KERNEL NOTEBOOK   executes the notebook; every cell's outputs
  kernel_probe.py watch KERNEL NOTEBOOK   the same, and before it a line for each display message
  kernel_probe.py stop KERNEL FOLDER    presses the stop button in a cell that waits, twice
  kernel_probe.py restart KERNEL FOLDER FIRST SECOND   restarts the kernel between two cells
"""

import json
import sys
import time

import nbformat
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SECONDS = 120


class Watching(NotebookClient):
    """Tells of each output as the kernel sends it; an update leaves no trace in the notebook."""

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("display_data", "update_display_data"):
            event = {
                "cell": cell.id,
                "type": msg["msg_type"],
                "display": msg["content"]["transient"].get("display_id"),
                "seconds": msg["header"]["date"].timestamp(),
                "data": msg["content"]["data"],
            }
            print(json.dumps(event), flush=True)
        return super().process_message(msg, cell, cell_index)


def watch(kernel, notebook):
    return run(kernel, notebook, Watching)


def run(kernel, notebook, client_class=NotebookClient):
    folder = notebook.rpartition("/")[0] or "."
    client = client_class(
        nbformat.read(notebook, as_version=4),
        kernel_name=kernel,
        timeout=SECONDS,
        resources={"metadata": {"path": folder}},
    )
    error = None
    try:
        client.execute()
    except CellExecutionError as failure:
        error = str(failure)
    cells = [cell.outputs for cell in client.nb.cells if cell.cell_type == "code"]
    return {"cells": cells, "error": error}


def stop(kernel, folder):
    manager, client = start_new_kernel(kernel_name=kernel, startup_timeout=SECONDS, cwd=folder)
    try:
        cells = [execute(client, 'import { interruptible, show } from "birdsong";')]
        for _ in range(2):
            waiting = 'await show("waiting"); await interruptible(new Promise(() => {}));'
            cells.append(execute(client, waiting, manager.interrupt_kernel))
            time.sleep(0.5)  # tslab drops what is sent in the first 0.2 s after an error
        cells.append(execute(client, 'await show("alive");'))
        return {"cells": cells, "alive": manager.is_alive()}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def restart(kernel, folder, first, second):
    manager, client = start_new_kernel(kernel_name=kernel, startup_timeout=SECONDS, cwd=folder)
    try:
        cells = [execute(client, first)]
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=SECONDS)
        cells.append(execute(client, second))
        return {"cells": cells}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def execute(client, code, interrupt=None):
    """Runs a cell; calls `interrupt` when its first output has come."""
    message_id = client.execute(code)
    texts = []
    deadline = time.monotonic() + SECONDS
    while True:
        message = client.get_iopub_msg(timeout=max(0, deadline - time.monotonic()))
        if message["parent_header"].get("msg_id") != message_id:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "display_data":
            texts.append(content["data"]["text/plain"])
            if interrupt:
                interrupt()
        elif kind == "stream":
            texts.append(content["text"])
        elif kind == "error":
            texts.append(f"{content['ename']}: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            break
    while True:
        reply = client.get_shell_msg(timeout=max(0, deadline - time.monotonic()))
        if reply["parent_header"].get("msg_id") == message_id:
            return {"status": reply["content"]["status"], "texts": texts}


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    print(json.dumps({"run": run, "watch": watch, "stop": stop, "restart": restart}[action](*arguments)))
