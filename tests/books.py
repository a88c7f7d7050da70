"""Workbooks as they lie on disk, part by part, and as XlsxWriter writes them."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tests.documents import zipped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def book(
    *sheets: str, props: str = "", formats: str = "", others: Mapping[str, bytes] | None = None, **states: str
) -> bytes:
    """A workbook whose sheets (S1, S2, …) hold this XML, of `rows` or `row`; `states` are those of sheets that are hidden.

    Style 1 is a day, 2 a time, 3 is `00000000`.
    """
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}" state="{states.get(f"S{n}", "visible")}"/>'
        for n in range(1, len(sheets) + 1)
    )
    related = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{props}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{related}<Relationship Id="s" '
        f'Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="00000000"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="164"/></cellXfs></styleSheet>',
        **{
            f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{MAIN}">{xml}</worksheet>'
            for n, xml in enumerate(sheets, 1)
        },
    }
    return zipped({name: xml.encode() for name, xml in parts.items()} | dict(others or {}))


def rows(*cells: str, head: str = "", tail: str = "") -> str:
    """A sheet of rows under the headings NIK, Nama, Masuk; what of `cells` is no element is a text in it."""
    headings = row(1, *map(text, ("NIK", "Nama", "Masuk")))
    below = "".join(
        row(n, *([line] if line.startswith("<") else map(text, line.split("|")))) for n, line in enumerate(cells, 2)
    )
    return f"{head}<sheetData>{headings}{below}</sheetData>{tail}"


def row(number: int, *cells: str, **attributes: str) -> str:
    """A row; its cells stand one after the other, where they do not say it."""
    return f'<row r="{number}"{"".join(f" {n}={v!r}" for n, v in attributes.items())}>{"".join(cells)}</row>'


def text(value: str) -> str:
    """A cell with a text."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def written(fill: Callable[[Workbook, Worksheet], Any], **options: Any) -> bytes:
    """A workbook of XlsxWriter's, whose first sheet `fill` fills."""
    file = BytesIO()
    workbook = Workbook(file, {"in_memory": True, **options})
    fill(workbook, workbook.add_worksheet("Data"))
    workbook.close()
    return file.getvalue()
