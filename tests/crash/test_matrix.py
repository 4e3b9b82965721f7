"""Every row of the crash matrix has a test, and its table tells the truth."""

from tests.crash import matrix


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    assert matrix.files_of_rows().keys() == matrix.ROWS.keys()


def test_readme_is_what_the_tests_say() -> None:
    assert matrix.README.read_text("utf-8") == matrix.render(), "write it anew: python -m tests.crash.matrix"
