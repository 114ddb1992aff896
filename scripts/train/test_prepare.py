"""Texts are prepared here as in lib/: both sides are held to the same file of examples."""

import json
import unittest
from pathlib import Path

from prepare import clean_text, prepare_text

VECTORS = Path(__file__).parents[2] / "tests/sentiment/fixtures/prepare_vectors.jsonl"


class PrepareTest(unittest.TestCase):
    def test_vectors(self):
        for vector in map(json.loads, VECTORS.read_text(encoding="utf-8").splitlines()):
            with self.subTest(vector["name"]):
                self.assertEqual(prepare_text(vector["text"]), vector["prepared"])
                self.assertEqual(clean_text(vector["text"]), vector["cleaned"])


if __name__ == "__main__":
    unittest.main()
