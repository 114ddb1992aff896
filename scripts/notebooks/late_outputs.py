"""What a kernel sends after it has reported a cell as finished."""

from queue import Empty

from jupyter_core.utils import ensure_async
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import output_from_msg

# Deno's kernel sends what was printed some milliseconds later, as an output of whatever runs then.
PAUSE = "await new Promise((resolve) => setTimeout(resolve, 30));"
# Updates of outputs are not among them: they find their place by its name.
OUTPUTS = {"stream", "display_data", "execute_result", "error"}


async def late_outputs(client):
    """Runs a pause, which shows nothing itself; what comes meanwhile is of the cell before.

    Raises DeadKernelError if the kernel has ended, as one may do right after it has replied.
    """
    # Not "silent": tslab runs nothing then.
    pause = await ensure_async(client.kc.execute(PAUSE, store_history=False))
    outputs = []
    while True:
        try:
            message = await ensure_async(client.kc.get_iopub_msg(timeout=1))
        except Empty:
            if not await ensure_async(client.km.is_alive()):
                raise DeadKernelError("Kernel died") from None
            continue
        kind, content = message["msg_type"], message["content"]
        if kind in OUTPUTS:
            outputs.append(output_from_msg(message))
        elif kind == "status" and content["execution_state"] == "idle":
            if message["parent_header"].get("msg_id") == pause:
                return outputs
