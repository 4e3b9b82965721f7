import pytest

from tutti.kit import media_types


@pytest.mark.parametrize("ending", ["pdf", "docx", "pptx", "xlsx", "csv", "md", "txt", "json"])
def test_endings_of_documents_and_their_types_are_one_to_one(ending):
    assert media_types.ending_of(media_types.by_name(f"a.{ending}")) == ending


def test_ending_of_an_unknown_type_is_empty():
    assert media_types.ending_of("application/octet-stream") == ""
    assert media_types.ending_of("") == ""


@pytest.mark.parametrize(
    ("members", "ending"),
    [
        (["[Content_Types].xml", "word/document.xml"], "docx"),
        (["xl/workbook.xml"], "xlsx"),
        (["ppt/presentation.xml"], "pptx"),
    ],
)
def test_archive_is_the_document_whose_folder_it_holds(members, ending):
    assert media_types.of_archive(members) == media_types.by_name(ending)


@pytest.mark.parametrize("members", [[], ["a.txt"], ["words/a"], ["a/word/b"]])
def test_other_archives_are_archives(members):
    assert media_types.of_archive(members) == "application/zip"
