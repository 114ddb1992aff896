"""A tweet's text as the model sees it: the same rules as prepareText and cleanText in lib/.

Both sides are tested with tests/sentiment/fixtures/prepare_vectors.jsonl. JavaScript's ideas of
whitespace, word boundaries and letter case differ from Python's, so each pattern spells them out.
"""

import re

# What JavaScript's \s matches.
_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_spaces = re.compile(f"[{_SPACE}]+")
_links = re.compile(rf"\b(?:https?://|www\.)[^{_SPACE}]+", re.ASCII | re.IGNORECASE)
_mentions = re.compile(r"(^|[^A-Za-z0-9_])(?:@[A-Za-z0-9_]+)+")
_entities = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos|nbsp));")
_named = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_lone_surrogates = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """A tweet's text without its mentions, trimmed: the column `cleaned_text` that gold scores."""
    return _mentions.sub(r"\1", text).strip(" \t\n\v\f\r")


def prepare_text(text: str) -> str:
    """Entities as characters, links as `http`, mentions as `@user`, whitespace as single spaces."""
    text = _entities.sub(_unescape, text)
    text = _links.sub("http", text)
    text = _mentions.sub(r"\1@user", text)
    text = _spaces.sub(" ", text).strip(" ")
    return _well_formed(text)


def _unescape(entity: re.Match[str]) -> str:
    decimal, hexadecimal, name = entity.groups()
    if name:
        return _named[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code <= 0x10FFFF else entity.group()


def _well_formed(text: str) -> str:
    """Surrogates in pairs as one character, others as U+FFFD (JavaScript's toWellFormed)."""
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _lone_surrogates.sub("\ufffd", paired)
