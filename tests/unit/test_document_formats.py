"""What is read of each format of documents, by the functions that the process apart runs."""

from __future__ import annotations

import datetime as dt
import re
from email.message import EmailMessage

import pytest

from runfold_executor_data.documents.reading import Document, Job
from runfold_executor_data.documents.worker import answered
from tests.support import documents as made
from tests.support.documents import changed, entry, saved, word_with

MEMORY = 1 << 30


def read(body: bytes, name: str, **job: str) -> Document:
    answer = answered(body, Job(name, **job), MEMORY)
    assert answer.document is not None, (answer.code, answer.problem)
    return answer.document


def refused(body: bytes, name: str, **job: str) -> tuple[str, str]:
    answer = answered(body, Job(name, **job), MEMORY)
    assert answer.document is None
    return answer.code, answer.problem


def text_of(body: bytes, name: str, **job: str) -> str:
    return read(body, name, **job).text


# --- Word ---------------------------------------------------------------------------------------


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(text: str) -> str:
    return f"<w:p>{run(text)}</w:p>"


def test_word_has_its_headings_lists_and_tables_in_their_order() -> None:
    document = made.word("Before")
    document.core_properties.title = "Report"
    document.add_heading("Part\nOne", 2)
    for text in ("one", "two"):
        document.add_paragraph(text, style="List Bullet")
    for text in ("first", "second"):
        document.add_paragraph(text, style="List Number")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "a|b", "one\ntwo"
    document.add_paragraph("After")
    found = read(saved(document), "report.docx")
    assert found.text == (
        "Before\n\n## Part One\n\n- one\n- two\n1. first\n2. second\n\n"
        "| a\\|b | one<br>two |\n| --- | --- |\n\nAfter"
    )
    assert (found.kind, found.metadata["title"]) == ("docx", "Report")
    assert found.pages == []


def test_merged_cells_of_word_are_neither_repeated_nor_lost() -> None:
    document = made.word()
    table = document.add_table(3, 5)
    for row in range(3):
        for column in range(5):
            table.cell(row, column).text = f"{row}{column}"
    for column in (1, 4):
        table.cell(0, column - 1).text = ""
        table.cell(0, column - 1).merge(table.cell(0, column)).text = f"wide {column}"
    table.cell(2, 0).text = ""
    table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"
    assert text_of(saved(document), "t.docx").split("\n") == [
        "| wide 1 |  | 02 | wide 4 |  |",
        "| --- | --- | --- | --- | --- |",
        "| tall | 11 | 12 | 13 | 14 |",
        "|  | 21 | 22 | 23 | 24 |",
    ]


def test_a_table_inside_a_cell_and_a_frame_around_text_are_read() -> None:
    document = made.word()
    outer = document.add_table(1, 2)
    inner = outer.cell(0, 1).add_table(2, 2)
    for at, text in enumerate(("a", "b", "c", "d")):
        inner.cell(at // 2, at % 2).text = text
    outer.cell(0, 0).text = "left"
    frame = document.add_table(1, 1)
    frame.cell(0, 0).text = "framed"
    assert text_of(saved(document), "t.docx") == (
        "| left | a, b<br>c, d |\n| --- | --- |\n\nframed"
    )


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (
            f"<w:sdt><w:sdtContent>{paragraph('in a control')}</w:sdtContent></w:sdt>",
            "in a control",
        ),
        (
            (
                "<w:tbl><w:tr><w:tc><w:sdt><w:sdtContent><w:p><w:r><w:t>field</w:t></w:r></w:p>"
                f"</w:sdtContent></w:sdt></w:tc><w:sdt><w:sdtContent><w:tc>{paragraph('cell')}</w:tc>"
                "</w:sdtContent></w:sdt></w:tr></w:tbl>"
            ),
            "| field | cell |\n| --- | --- |",
        ),
        (
            (
                f"<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins>{run('kept')}</w:ins>"
                f"<w:hyperlink>{run(' link')}</w:hyperlink></w:p>"
            ),
            "kept link",
        ),
        (
            (
                "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/>"
                "<w:instrText>PAGE</w:instrText></w:r></w:p>"
            ),
            "a\tb\nc-",
        ),
        (
            (
                "<w:p><w:r><w:txbxContent>"
                f"{paragraph('boxed')}{paragraph('twice')}</w:txbxContent></w:r></w:p>"
            ),
            "boxed\ntwice",
        ),
        (
            (
                "<w:tbl><w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr><w:tc><w:tcPr>"
                f"<w:gridSpan w:val='999999999'/></w:tcPr>{paragraph('x')}</w:tc></w:tr>"
                f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('gone')}</w:tc></w:tr></w:tbl>"
            ),
            "|  | x |" + "  |" * 62 + "\n|" + " --- |" * 64,
        ),
    ],
)
def test_text_of_word_is_found_wherever_it_stands(xml: str, expected: str) -> None:
    assert text_of(word_with(xml), "t.docx") == expected


def test_a_heading_is_known_by_the_name_of_its_style_whatever_its_id() -> None:
    body = saved(made.word("unused"))
    styles = entry(body, "word/styles.xml").replace('w:styleId="Heading1"', 'w:styleId="2"')
    document = entry(body, "word/document.xml").replace(
        "<w:p>", '<w:p><w:pPr><w:pStyle w:val="2"/></w:pPr>', 1
    )
    changed_body = changed(body, {"word/styles.xml": styles, "word/document.xml": document})
    assert text_of(changed_body, "t.docx") == "# unused"


def test_footnotes_stand_at_the_end() -> None:
    body = word_with("<w:p><w:r><w:t>Tea</w:t><w:footnoteReference w:id='2'/></w:r></w:p>")
    relations = entry(body, "word/_rels/document.xml.rels").replace(
        "</Relationships>",
        '<Relationship Id="rIdF" Target="footnotes.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/footnotes"/></Relationships>',
    )
    notes = (
        f'<w:footnotes {made.W}><w:footnote w:type="separator" w:id="0">{paragraph("no")}'
        f'</w:footnote><w:footnote w:id="2">{paragraph("Camellia")}</w:footnote></w:footnotes>'
    )
    body = changed(body, {"word/_rels/document.xml.rels": relations, "word/footnotes.xml": notes})
    assert text_of(body, "t.docx") == "Tea[^2]\n\n[^2]: Camellia"


def test_a_relation_to_nothing_does_not_spoil_a_document() -> None:
    body = saved(made.word("whole"))
    relations = entry(body, "word/_rels/document.xml.rels").replace(
        "</Relationships>",
        '<Relationship Id="rIdN" Target="NULL" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/image"/></Relationships>',
    )
    assert text_of(changed(body, {"word/_rels/document.xml.rels": relations}), "t.docx") == "whole"


# --- slides and sheets --------------------------------------------------------------------------


def test_slides_are_pages_with_titles_tables_and_notes() -> None:
    deck = made.slides(("First", "one\ntwo"), ("Second", "b"))
    deck.slides[0].placeholders[1].text_frame.paragraphs[1].level = 1
    deck.slides[0].notes_slide.notes_text_frame.text = "say this"
    table = made.slide_table(deck, [["a", "b", "c"], ["1", "2", "3"]])
    table.cell(0, 0).merge(table.cell(0, 1))
    found = read(saved(deck), "deck.pptx")
    assert [(page.number, page.name, page.text) for page in found.pages] == [
        (1, "First", "## First\n\none\n  - two\n\nNotes: say this"),
        (2, "Second", "## Second\n\nb"),
        (3, "", "| a<br>b |  | c |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
    ]
    assert found.text == "\n\n".join(page.text for page in found.pages)
    assert found.kind == "pptx"


def test_slides_are_in_the_order_they_are_shown() -> None:
    deck = made.slides(("One", "1"), ("Two", "2"))
    ids = deck.slides._sldIdLst
    ids.insert(0, ids[1])
    assert [page.name for page in read(saved(deck), "deck.pptx").pages] == ["Two", "One"]


def test_sheets_are_tables_whose_values_are_written_plainly() -> None:
    book = made.workbook(
        [
            ["name", "number", None, "when", "true"],
            ["tea", 1.0, None, dt.date(2024, 5, 6), True],
            [None] * 5,
            [
                "milk|2\nwhole",
                0.25,
                None,
                dt.datetime.combine(dt.date(2024, 5, 6), dt.time(7, 8)),
                False,
            ],
        ],
        "Stock",
    )
    book.create_sheet("Empty")
    found = read(saved(book), "stock.xlsx")
    assert [(page.number, page.name) for page in found.pages] == [(1, "Stock"), (2, "Empty")]
    assert found.pages[0].text.split("\n") == [
        "## Stock",
        "",
        "| name | number | when | true |",
        "| --- | --- | --- | --- |",
        "| tea | 1 | 2024-05-06 | TRUE |",
        "| milk\\|2<br>whole | 0.25 | 2024-05-06 07:08:00 | FALSE |",
    ]
    assert found.pages[1].text == "## Empty"
    assert found.warnings == []


def test_formulas_whose_values_are_not_stored_are_told_of() -> None:
    body = saved(made.workbook([["sum", "=1+1"], ["more", "=2+2"], ["kept", 3]]))
    found = read(body, "t.xlsx")
    assert "| sum |  |" in found.text
    (warning,) = found.warnings
    assert "not stored: 2" in warning
    sheet = entry(body, "xl/worksheets/sheet1.xml").replace("<f>1+1</f><v />", "<f>1+1</f><v>2</v>")
    sheet = sheet.replace("<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>")
    found = read(changed(body, {"xl/worksheets/sheet1.xml": sheet}), "t.xlsx")
    assert "| sum | 2 |" in found.text
    assert "not stored: 1" in found.warnings[0]


@pytest.mark.parametrize("fills", ["<fills><fill/></fills>", "<fills", '<fills count="x"/>'])
def test_styles_that_are_refused_do_not_keep_values_from_being_read(fills: str) -> None:
    body = saved(made.workbook([["day", dt.date(2024, 1, 2)]]))
    styles = re.sub("<fills.*?</fills>", fills, entry(body, "xl/styles.xml"), flags=re.DOTALL)
    found = read(changed(body, {"xl/styles.xml": styles}), "t.xlsx")
    assert found.text == "## Sheet\n\n| day | 45293 |\n| --- | --- |"
    assert found.warnings == ["its styles cannot be read: dates in it are numbers of days"]


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576"])
def test_a_sheet_that_lies_about_its_size_is_read_whole(dimension: str) -> None:
    body = saved(made.workbook([["a", "b"], ["c", "d"]]))
    sheet = entry(body, "xl/worksheets/sheet1.xml").replace('ref="A1:B2"', f'ref="{dimension}"')
    found = text_of(changed(body, {"xl/worksheets/sheet1.xml": sheet}), "t.xlsx")
    assert found == "## Sheet\n\n| a | b |\n| --- | --- |\n| c | d |"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("a;b\n1,5;2,5\n", "| a | b |\n| --- | --- |\n| 1,5 | 2,5 |"),
        ("a\tb\n1, 2\t3\n", "| a | b |\n| --- | --- |\n| 1, 2 | 3 |"),
        ('"a, b";c\n"x\ny";"say ""hi"""\n', '| a, b | c |\n| --- | --- |\n| x<br>y | say "hi" |'),
        ("sep=|\na,a|b\n", "| sep= |  |\n| --- | --- |\n| a,a | b |"),
        ("one\ntwo\n", "| one |\n| --- |\n| two |"),
        ("a,b,c\n1\n\n,,2\n", "| a | b | c |\n| --- | --- | --- |\n| 1 |  |  |\n|  |  | 2 |"),
        ("", ""),
    ],
)
def test_separated_values_are_a_table_whatever_separates_them(text: str, expected: str) -> None:
    assert text_of(text.encode(), "t.csv") == expected


# --- pages, books, mail -------------------------------------------------------------------------


def test_a_pdf_has_its_pages() -> None:
    found = read(made.pdf("Hello\nworld", "", "Third", title="Greetings"), "t.pdf")
    assert [(page.number, page.text) for page in found.pages] == [
        (1, "Hello\nworld"),
        (2, ""),
        (3, "Third"),
    ]
    assert found.text == "Hello\nworld\n\nThird"
    assert found.metadata == {"title": "Greetings"}
    assert found.warnings == ["pages without text: 2"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("D:20240506070809+02'00'", "2024-05-06T07:08:09+02:00"),
        ("D:20240506070809Z", "2024-05-06T07:08:09Z"),
        ("D:202405", "2024-05-01"),
        ("yesterday", "yesterday"),
    ],
)
def test_the_dates_of_a_pdf_are_written_as_others_are(written: str, expected: str) -> None:
    assert read(made.pdf("x", title="T", made=written), "t.pdf").metadata["created"] == expected


def test_a_pdf_of_pictures_says_what_reads_it() -> None:
    found = read(made.pdf(""), "scan.pdf")
    assert (found.text, "ocr" in found.warnings[0]) == ("", True)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>A <i>b</i></h2><p>c<b>d</b>e<p>f<br>g", "## A b\n\ncde\n\nf\ng"),
        ("<script>x</script><style>y</style><!-- z --><p>kept", "kept"),
        (
            "<p>Buy:<ul><li>tea<li>milk<ol start=3><li>a<li>b</ol></ul><p>end",
            "Buy:\n\n- tea\n- milk\n  3. a\n  4. b\n\nend",
        ),
        (
            (
                "<table><caption>c</caption><tr><th>a<th>b<tr><td colspan=2>wide<tr>"
                "<td rowspan=2>tall<td>1<tr><td>2<p>3</table>"
            ),
            "| a | b |\n| --- | --- |\n| wide |  |\n| tall | 1 |\n|  | 2<br>3 |",
        ),
        (
            "<table><tr><td>left<td><table><tr><th>x<th>y<tr><td>1<td>2</table></table>",
            "left\n\n| x | y |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("<table><tr><td>framed</table>", "framed"),
        ("<pre>a\n  b\n</pre>", "```\na\n  b\n```"),
        ("<p>a&nbsp;b &amp; c &lt;d&gt;", "a\u00a0b & c <d>"),
        ("<div>one<div>two</div>three</div>", "one\n\ntwo\n\nthree"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_the_blocks_of_a_page_are_kept(html: str, expected: str) -> None:
    assert text_of(html.encode(), "t.html") == expected


def test_a_page_has_a_title_a_language_and_a_charset_inside() -> None:
    page = '<html lang="de"><meta charset="windows-1252"><title> Grüße </title><p>Tür'
    found = read(page.encode("cp1252"), "t.html")
    assert (found.text, found.metadata) == ("Tür", {"title": "Grüße", "language": "de"})


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    chapters = {
        "b.xhtml": "<html><head><title>Two</title></head><body><p>second</p></body></html>",
        "a b.xhtml": "<html><body><h1>First</h1></body></html>",
        "notes.xhtml": "<html><body>not in the spine</body></html>",
    }
    found = read(made.book(chapters, spine=["b.xhtml", "a b.xhtml", "b.xhtml"]), "tea.epub")
    assert [(page.number, page.name, page.text) for page in found.pages] == [
        (1, "Two", "second"),
        (2, "", "# First"),
    ]
    assert found.metadata == {"title": "On Tea", "author": "A. Leaf", "language": "en"}


def test_a_book_that_is_encrypted_or_lacks_chapters_says_so() -> None:
    encrypted = {
        "META-INF/encryption.xml": "<encryption><EncryptedData><CipherData><CipherReference "
        'URI="OPS/text/a.xhtml"/></CipherData></EncryptedData></encryption>'
    }
    assert refused(made.book({"a.xhtml": "x"}, extra=encrypted), "t.epub")[0] == "encrypted"
    half = changed(made.book({"a.xhtml": "<p>a", "b.xhtml": "<p>b"}), {"OPS/text/b.xhtml": None})
    assert read(half, "t.epub").warnings == ["a chapter is missing: OPS/text/b.xhtml"]


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in headers.items():
        message[name] = value
    return message


def test_a_message_has_its_headers_its_text_and_names_its_attachments() -> None:
    message = mail(From="Ann <ann@example.com>", To="bo@example.com", Subject="Grüße aus Köln")
    message.set_content("Hallo Bo,\n\nviele Grüße.", charset="iso-8859-1")
    message.add_alternative("<p>HTML of the same", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="tür.pdf")
    found = read(message.as_bytes(), "hello.eml")
    assert found.text == (
        "From: Ann <ann@example.com>\nTo: bo@example.com\nSubject: Grüße aus Köln\n\n"
        "Hallo Bo,\n\nviele Grüße."
    )
    assert found.metadata["title"] == "Grüße aus Köln"
    assert found.metadata["attachments"] == [
        {"name": "tür.pdf", "media_type": "application/pdf", "size": 8}
    ]
    assert found.warnings == ["1 attachments are not read"]


def test_a_message_without_plain_text_is_read_from_its_html() -> None:
    message = mail(From="a@example.com", Subject="x")
    message.set_content("<h1>Hi</h1><p>there", subtype="html")
    assert text_of(message.as_bytes(), "t.eml").endswith("# Hi\n\nthere")


def test_a_charset_that_nobody_knows_does_not_spoil_a_message() -> None:
    body = (
        b"From: a@example.com\nSubject: =?x-nothing?Q?hi?=\n"
        b"Content-Type: text/plain; charset=x-nothing\n\nGr\xc3\xbc\xc3\x9fe"
    )
    assert text_of(body, "t.eml").endswith("Grüße")


# --- charsets and kinds -------------------------------------------------------------------------

WORDS = {
    "utf_8": "Zoë, 東京, 🙂",
    "utf_8_sig": "Zoë",
    "utf_16": "合同 plain",
    "utf_16_le": "plain text",
    "utf_16_be": "plain text, Größe",
    "gb18030": "合同编号 2024-001。甲方与乙方经协商一致",
    "big5": "這是一份繁體中文的文件。請查收。",
    "cp932": "これは日本語の文章です。",
    "cp949": "안녕하세요. 계약서 초안입니다.",
    "cp1251": "Договор аренды нежилого помещения",
    "cp1252": "Größe in m² — café naïve, 30 €",
    "cp1253": "Καλημέρα κόσμε, αυτό είναι ένα κείμενο",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy, a ještě něco navíc k tomu.",
}


@pytest.mark.parametrize("codec", WORDS)
def test_text_is_found_in_any_charset(codec: str) -> None:
    found = read(WORDS[codec].encode(codec), "t.txt")
    assert (found.text, found.kind, found.warnings) == (WORDS[codec], "text", [])


def test_a_long_text_whose_sample_ends_inside_a_character_is_still_known() -> None:
    text = "合同编号甲方乙方" * 20_000
    assert text_of(text.encode("gb18030"), "t.txt") == text
    assert text_of(b"x" + text.encode("gb18030"), "t.txt") == "x" + text


def test_a_charset_that_is_said_counts_and_what_does_not_fit_is_told() -> None:
    assert text_of("Grüße".encode("cp1252"), "t.txt", charset="cp1252") == "Grüße"
    found = read("Grüße".encode("cp1252"), "t.txt", charset="utf_8")
    assert found.text == "Gr\ufffd\ufffde"
    assert "utf_8" in found.warnings[0]


def test_text_has_plain_line_ends_and_no_control_characters() -> None:
    assert text_of(b"a\r\nb\rc\x07\x1b[1md", "t.txt") == "a\nb\nc[1md"
    assert text_of(b"# T\n\n| a |\n", "t.md") == "# T\n\n| a |\n"


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("report.txt", made.pdf("x"), "pdf"),
        ("no-name", made.pdf("x"), "pdf"),
        ("a.zip", saved(made.word("x")), "docx"),
        ("a.docx", saved(made.workbook([["x"]])), "xlsx"),
        ("export.xls", b"<html><table><tr><td>1<td>2</table>", "html"),
        ("export.xls", b"a\tb\n1\t2\n", "csv"),
        ("page", b"  <!DOCTYPE html><p>x", "html"),
        ("notes.md", b"<html> is a tag", "md"),
        ("song.txt", b"ID3 is a tag of sounds", "text"),
        ("quote.txt", b"a PDF begins with %PDF-1.7", "text"),
        ("data.json", b'{"a": 1}', "text"),
        ("feed.xml", b"<?xml version='1.0'?><a/>", "text"),
        ("empty.txt", b"", "text"),
    ],
)
def test_bytes_say_what_a_document_is_and_its_name_only_then(
    name: str, body: bytes, kind: str
) -> None:
    assert read(body, name).kind == kind


def test_a_media_type_counts_where_nothing_else_tells() -> None:
    assert read(b"a,b\n1,2\n", "data", media_type="text/csv").kind == "csv"
    assert read(b"From: a@b.c\n\nx", "data", media_type="message/rfc822").kind == "eml"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "body", "code", "said"),
    [
        ("t.pdf", made.pdf("x", encrypt="y"), "encrypted", "password"),
        ("t.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "password"),
        ("t.doc", OLE + b"\0" * 600, "unsupported", "old format"),
        ("t.pdf", made.pdf("x")[:150], "malformed", "PDFium"),
        ("t.pdf", b"<html>404 not found", "malformed", "called .pdf"),
        ("t.docx", b"nothing of the kind", "malformed", "called .docx"),
        ("t.xlsx", bytes(range(256)) * 4, "malformed", "called .xlsx"),
        ("t.docx", saved(made.word("x"))[:-200], "malformed", "ZIP"),
        ("t.docx", changed(saved(made.word("x")), {"word/document.xml": "<a"}), "malformed", "XML"),
        (
            "t.docx",
            changed(saved(made.word("x")), {"word/document.xml": None}),
            "malformed",
            "miss",
        ),
        ("t.bin", bytes(range(256)) * 4, "unsupported", "no text"),
        ("t.zip", made.zipped({"a.txt": "x"}), "unsupported", "archive"),
        (
            "t.odt",
            made.zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
            "unsupported",
            "odt",
        ),
        ("t.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "unsupported", "ocr"),
        ("t.rtf", b"{\\rtf1 x}", "unsupported", "rtf"),
        ("t.eml", b"just text", "malformed", "headers"),
    ],
)
def test_what_is_not_read_says_why(name: str, body: bytes, code: str, said: str) -> None:
    found, problem = refused(body, name)
    assert found == code
    assert said in problem
