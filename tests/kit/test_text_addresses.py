"""Addresses in plain words begin and end where their writers meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.text_addresses import Address, split

PDF, PICTURE = Address("https://files.example.org/a.pdf"), Address("http://x.example.org/b.png?size=1")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (f"{PDF.url} Which port?", [PDF, " Which port?"]),
        (f"What is in {PDF.url} and {PICTURE.url}\n", ["What is in ", PDF, " and ", PICTURE, "\n"]),
        (f"{PDF.url}\t{PICTURE.url}", [PDF, "\t", PICTURE]),
        (f"Read {PDF.url}. Then go.", ["Read ", PDF, ". Then go."]),
        (f"Is it {PDF.url}?!", ["Is it ", PDF, "?!"]),
        (f"请看：{PDF.url}，谢谢", ["请看：", PDF, "，谢谢"]),
        (f"总结{PDF.url}。再看「{PICTURE.url}」", ["总结", PDF, "。再看「", PICTURE, "」"]),
        (f"“{PDF.url}”", ["“", PDF, "”"]),
        ("看 https://x.example.org/报告.pdf", ["看 ", Address("https://x.example.org/报告.pdf")]),
        ("HTTPS://X.example.org/A.PDF", [Address("HTTPS://X.example.org/A.PDF")]),
        # What is quoted, bracketed, linked, or part of a word is talked of.
        (f'"{PDF.url}"', [f'"{PDF.url}"']),
        (f"[it]({PDF.url}) `{PDF.url}` <{PDF.url}>", [f"[it]({PDF.url}) `{PDF.url}` <{PDF.url}>"]),
        (
            "ahttps://x.org/a.pdf ftp://x.org/a.pdf www.x.org/a.pdf",
            ["ahttps://x.org/a.pdf ftp://x.org/a.pdf www.x.org/a.pdf"],
        ),
        ("https://", ["https://"]),
        ("", []),
    ],
)
def test_addresses_are_found(text: str, pieces: list[str | Address]) -> None:
    assert list(split(text)) == pieces


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x.org/a/my%20report.pdf?b=c.png#d", "my report.pdf"),
        ("https://x.org/a/", ""),
        ("https://report.pdf", ""),
        ("http://[::1/a.pdf", ""),
    ],
)
def test_name_of_the_file_is_the_end_of_the_path(url: str, name: str) -> None:
    assert Address(url).file_name == name


@given(st.text())
def test_words_without_an_address_are_left_alone(text: str) -> None:
    words = text.replace("://", ":/")
    assert list(split(words)) == ([words] if words else [])


@given(st.lists(st.text() | st.sampled_from([PDF.url, PICTURE.url, " ", "。", "https://"])))
def test_pieces_joined_are_the_text(texts: list[str]) -> None:
    text = "".join(texts)
    assert "".join(piece.url if isinstance(piece, Address) else piece for piece in split(text)) == text
