"""Emoji in the vocabulary: BERT's has none, so that every text in them would read as unknown.

Each emoji takes two of the vocabulary's unused places, alone and as the continuation of a word, and starts from
the mean of the embeddings of its Unicode name's words ("face with tears of joy").
Labelled tweets of 2013 to 2016 hold emoticons rather than emoji; some are swapped in training.
"""

import re
import unicodedata
from random import Random

EMOJI = [
    chr(code)
    for first, last in [
        (0x1F600, 0x1F64F),  # faces and gestures
        (0x1F910, 0x1F917), (0x1F920, 0x1F92F), (0x1F970, 0x1F97A),  # more faces
        (0x1F440, 0x1F440), (0x1F446, 0x1F450), (0x1F479, 0x1F480), (0x1F494, 0x1F49F),  # hands, skull, hearts
        (0x1F4A2, 0x1F4AF), (0x1F90C, 0x1F90F), (0x1F918, 0x1F91F), (0x1F926, 0x1F926), (0x1F937, 0x1F937),
        (0x1F381, 0x1F38A), (0x1F3B5, 0x1F3B6), (0x1F3C6, 0x1F3C6), (0x1F525, 0x1F525), (0x1F534, 0x1F535),
        (0x1F3FB, 0x1F3FF),  # skin tones, which follow a hand
        (0x2600, 0x2600), (0x2614, 0x2615), (0x2639, 0x263A), (0x2665, 0x2665), (0x26A0, 0x26A1),
        (0x2705, 0x2705), (0x270A, 0x270D), (0x2728, 0x2728), (0x274C, 0x274C), (0x2764, 0x2764), (0x2B50, 0x2B50),
    ]
    for code in range(first, last + 1)
]

_EMOTICONS = {
    ":)": "🙂😊😀☺", ":-)": "🙂😊😀☺", "=)": "🙂😊", ":D": "😃😄😁😀", ":-D": "😃😄😁", ";)": "😉", ";-)": "😉",
    ":(": "😞🙁☹😔😢", ":-(": "😞🙁☹😢", ":'(": "😢😭", "<3": "❤💕💖😍♥", ":P": "😛😜", ":p": "😛😜", "xD": "😆😂🤣",
    "XD": "😆😂🤣", ":/": "😕😒", ":-/": "😕", "-_-": "😑😒", ":O": "😮😱", ":o": "😮",
}
_emoticon = re.compile(
    r"(?<!\S)(?:" + "|".join(map(re.escape, sorted(_EMOTICONS, key=len, reverse=True))) + r")(?!\S)"
)


def swap_emoticons(text: str, random: Random) -> str:
    """The text with each emoticon, by chance, as one to three of an emoji that means the same."""
    def swap(match: re.Match[str]) -> str:
        if random.random() < 0.5:
            return match.group()
        return random.choice(_EMOTICONS[match.group()]) * random.choice((1, 1, 1, 2, 3))

    return _emoticon.sub(swap, text)


def add_to_vocabulary(tokenizer: dict) -> dict[int, str]:
    """Puts the emoji into a `tokenizer.json`'s unused places: each new token's id and name in words."""
    vocabulary = tokenizer["model"]["vocab"]
    unused = iter([token for token in vocabulary if re.fullmatch(r"\[unused\d+\]", token)])
    names = {}
    for emoji in EMOJI:
        for token in (emoji, "##" + emoji):
            if token not in vocabulary:
                vocabulary[token] = vocabulary.pop(next(unused))
                names[vocabulary[token]] = unicodedata.name(emoji).lower()
    return names
