"""Executes notebooks in order, each in a fresh kernel, and stops at the first that fails.

Standard output carries one JSON object a line:

    {"event": "notebook", "notebook": "03_raw_to_bronze.ipynb", "cells": 12}
    {"event": "cell", "notebook": ..., "cell": 4, "cells": 12, "seconds": 1.5}
    {"event": "late", "notebook": ..., "cell": 4}
    {"event": "passed", "notebook": ..., "seconds": 20.1}
    {"event": "failed", "notebook": ..., "seconds": 3.2, "cell": 4, "source": ..., "error": ...}

`late` tells of outputs that came after their cell had ended; the copy has them in their place.
Cells are counted as JupyterLab numbers them: code cells that are not empty, from 1. `seconds`
counts from the start of the notebook. `cell` is null where no cell is to blame.

Exit code: 0 all passed, 1 one failed, 130 interrupted.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path

from notebook_run import NotebookRun

# Writing a copy takes less: what is older is left of a run that was killed.
WRITING_SECONDS = 60


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


def remove_unfinished(out):
    """Removes the copies that killed runs were writing."""
    for unfinished in out.glob(".*.ipynb.*"):
        with contextlib.suppress(FileNotFoundError):  # another run has just finished it
            if time.time() - unfinished.stat().st_mtime > WRITING_SECONDS:
                unfinished.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--timeout", type=int, help="seconds a notebook may take")
    parser.add_argument("--out", type=Path, required=True, help="folder of the executed copies")
    parser.add_argument("notebooks", type=Path, nargs="+")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    remove_unfinished(arguments.out)

    def emit(**event):
        print(json.dumps(event), flush=True)

    sys.exit(asyncio.run(execute_all(arguments, emit)))


if __name__ == "__main__":
    main()
