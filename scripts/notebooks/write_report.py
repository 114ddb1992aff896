"""Writes the executed notebooks of a run into one HTML file that needs nothing else.

Uses what nbconvert renders with: mistune, bleach, Pygments and Jinja. nbconvert's own HTML loads
scripts from the network, and takes 0.3 MB a notebook before its outputs.

Standard input: {"facts": [[name, value], ...], "results": [...]}, with the results as
run_notebooks.ts has them.

What cells put out is not to be trusted, because tweets end up in it. The first three of these make
every kind of output harmless; the last stops what would get through all the same:

- text, streams, errors and code are escaped by the template (autoescape);
- HTML, which tables and progress bars are, and prose pass an allow-list of elements, attributes and
  CSS properties; what is not on it is shown as text;
- figures are data in <img>, where a browser runs no script of an SVG and loads nothing for it;
- the page's Content-Security-Policy forbids scripts, frames, forms, and loading anything.
"""

import argparse
import base64
import json
import os
import sys
from pathlib import Path

import bleach
import jinja2
import mistune
from ansi import without_ansi
from bleach.css_sanitizer import CSSSanitizer
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TypeScriptLexer

LONGEST_TEXT = 100_000  # characters of an output; the executed notebook has the rest
LONGEST_HTML = 1_000_000
LONGEST_OPEN_CODE = 12  # lines

ELEMENTS = frozenset(
    "a b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s small"
    " span strong sub sup table tbody td tfoot th thead tr ul wbr".split()
)
STYLES = CSSSanitizer(
    allowed_css_properties=(
        "background background-color color display font-style font-weight height"
        " overflow-wrap text-align vertical-align width"
    ).split()
)
STYLE_SHEETS = ("report.css", "report_print.css")
IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


def attribute_allowed(element, name, value):
    if name == "href":
        # A path beside the notebook leads nowhere from here.
        return element == "a" and value.startswith(("#", "http://", "https://"))
    return name in ("align", "colspan", "rowspan", "style", "title")


def safe_html(html):
    """HTML of which only harmless elements remain; others are shown as text."""
    return Markup(
        bleach.clean(html, tags=ELEMENTS, attributes=attribute_allowed, css_sanitizer=STYLES)
    )


class Prose(mistune.HTMLRenderer):
    """Markdown one heading level deeper, with links to other notebooks of the run in the page."""

    def __init__(self, sections):
        super().__init__(escape=False)  # its result passes safe_html
        self.sections = sections

    def heading(self, text, level, **attributes):
        return super().heading(text, min(level + 1, 6), **attributes)

    def link(self, text, url, title=None):
        section = url.partition("#")[0].removesuffix(".ipynb")
        return super().link(text, f"#{section}" if section in self.sections else url, title)

    def image(self, text, url, title=None):
        return text  # the file lies beside the notebook, not in the report


class Report:
    """The notebooks of a run, as the template takes them."""

    def __init__(self, results, folder):
        self.results = [
            {"failure": None, "section": Path(result["notebook"]).stem} | result
            for result in results
        ]
        self.folder = folder
        prose = Prose({result["section"] for result in self.results})
        self.markdown = mistune.create_markdown(
            renderer=prose, plugins=["strikethrough", "table", "url"]
        )

    def sections(self):
        """The notebooks that were run, with their cells."""
        for result in self.results:
            if result["state"] != "not run":
                yield result | {"cells": list(self.cells(result))}

    def cells(self, result):
        path = self.folder / result["notebook"]
        if not path.exists():
            return  # it failed before it could be read
        failure = result["failure"]
        number = 0
        for cell in json.loads(path.read_bytes())["cells"]:
            source = joined(cell["source"])
            if cell["cell_type"] == "markdown":
                yield {"prose": safe_html(self.markdown(source))}
            elif cell["cell_type"] == "code" and source.strip():
                number += 1
                failed = failure is not None and failure["cell"] == number
                yield self.code_cell(cell, source, number, failure if failed else None)

    def code_cell(self, cell, source, number, failure):
        lines = source.strip().count("\n") + 1
        code = highlight(source, TypeScriptLexer(), HtmlFormatter(nowrap=True))
        outputs = [
            self.output(output) for output in cell["outputs"] if not repeats(output, failure)
        ]
        return {
            "number": number,
            "lines": lines,
            "open": lines <= LONGEST_OPEN_CODE or failure is not None,
            "code": Markup(code),  # escaped by Pygments
            "outputs": outputs,
            "failure": failure,
        }

    def output(self, output):
        """One output as {"image", "alt"}, {"html"} or {"text", "stream", "left_out"}."""
        if output["output_type"] in ("stream", "error"):
            return text_output(text_of(output), output.get("name", "stderr"))
        data = {mime: joined(value) for mime, value in output["data"].items()}
        alternative = data.get("text/plain", "")
        for mime in IMAGES:
            if mime in data:
                return {"image": data_uri(mime, data[mime]), "alt": alternative}
        if len(data.get("text/html", "")) in range(1, LONGEST_HTML):
            return {"html": safe_html(data["text/html"])}
        if "text/markdown" in data:
            return {"html": safe_html(self.markdown(data["text/markdown"]))}
        return text_output(alternative or f"({', '.join(data)})", "stdout")


def joined(text):
    """Text as notebooks hold it: whole or in lines. What is no text (JSON) becomes empty."""
    lines = text if isinstance(text, list) else [text]
    return "".join(line for line in lines if isinstance(line, str))


def text_of(output):
    if output["output_type"] == "stream":
        return without_ansi(joined(output["text"]))
    return without_ansi("\n".join(output["traceback"]))


def text_output(text, stream):
    left_out = max(0, len(text) - LONGEST_TEXT)
    return {"text": text[:LONGEST_TEXT].rstrip("\n"), "stream": stream, "left_out": left_out}


def repeats(output, failure):
    """Whether an output says what the notice of the failing cell says anyway."""
    if failure is None:
        return False
    if output["output_type"] == "error":
        return True
    # tslab writes the error to the cell's stderr.
    return output.get("name") == "stderr" and text_of(output).strip() in failure["error"]


def data_uri(mime, data):
    # nbformat holds SVG as text, and other images in base64.
    if mime == "image/svg+xml":
        data = base64.b64encode(data.encode("utf-8", "replace")).decode()
    return f"data:{mime};base64,{''.join(data.split())}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notebooks", type=Path, required=True, help="folder of executed notebooks")
    parser.add_argument("--out", type=Path, required=True, help="the HTML file")
    arguments = parser.parse_args()
    run = json.load(sys.stdin.buffer)

    report = Report(run["results"], arguments.notebooks)
    here = Path(__file__).parent
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(here),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    html = environment.get_template("report.html.j2").render(
        facts=run["facts"],
        results=report.results,
        seconds=sum(result["seconds"] for result in report.results),
        sections=report.sections(),
        css=Markup("".join((here / name).read_text("utf-8") for name in STYLE_SHEETS)),
    )
    unfinished = arguments.out.with_name(f".{arguments.out.name}.{os.getpid()}")
    # Half a surrogate pair, which JSON can carry, has no UTF-8.
    unfinished.write_bytes(html.encode("utf-8", "replace"))
    os.replace(unfinished, arguments.out)


if __name__ == "__main__":
    main()
