"""Colours and cursor movements of terminals, which kernels put into errors and logs."""

import re

ANSI_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def without_ansi(text):
    return ANSI_ESCAPE.sub("", text)
