"""Which error counts, and what of it is shown."""

import os
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "src", "runner", "python"))

import rollproof_errors as errors


class InFailedSqlTransaction(Exception):
    """As the driver calls it."""


class Errors(unittest.TestCase):
    def test_the_first_error_counts(self):
        try:
            try:
                raise ValueError("the cause")
            except ValueError:
                raise InFailedSqlTransaction("commands are ignored until the end of the block")
        except InFailedSqlTransaction as error:
            self.assertEqual(str(errors.first(error)), "the cause")

    def test_a_cause_that_was_handled_does_not_count(self):
        try:
            raise InFailedSqlTransaction("nothing before it") from None
        except InFailedSqlTransaction as error:
            self.assertEqual(str(errors.first(error)), "nothing before it")

    def test_secrets_are_left_out(self):
        with mock.patch.dict(os.environ, {"SHOP_PASSWORD": "rosebud", "PWD": "/srv/shop", "API_TOKEN": "abc"}):
            self.assertEqual(errors.redact("rosebud in /srv/shop abc"), "*** in /srv/shop abc")
        self.assertEqual(errors.redact("mysql+pymysql://me:p@ss@host/db"), "mysql+pymysql://me:***@host/db")

    def test_an_error_without_words_has_some(self):
        try:
            assert None is not None
        except AssertionError as error:
            self.assertEqual(errors.describe(error)["message"], "AssertionError: assert None is not None")
        self.assertEqual(errors.describe(KeyError("x"))["message"], "KeyError: 'x'")
        self.assertEqual(errors.describe(TypeError("an int"))["message"], "TypeError: an int")


if __name__ == "__main__":
    unittest.main()
