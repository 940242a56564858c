"""PDF files as programs print them: positioned lines, in any script, on several pages."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

from pypdf import PdfReader, PdfWriter

LEFT, TOP, STEP, SIZE = 60.0, 780.0, 14.0, 11.0


class At(NamedTuple):
    """A line with its position from the left and bottom, and its size."""

    text: str
    left: float = LEFT
    height: float = TOP
    size: float = SIZE


def column(
    paragraphs: list[list[str]],
    *,
    top: float = TOP,
    left: float = LEFT,
    gap: float = 10.0,
    indent: float = 0.0,
) -> list[At]:
    """Return paragraphs line by line, with a gap between them, or an indented first line."""
    found, height = [], top
    for lines in paragraphs:
        for number, line in enumerate(lines):
            found.append(At(line, left + (indent if number == 0 else 0.0), height))
            height -= STEP
        height -= gap
    return found


def make_pdf(pages: list[list[At]], **described: str) -> bytes:
    """Return a PDF; `described` is its metadata: Title, Author, CreationDate."""
    letters = sorted({letter for page in pages for line in page for letter in line.text})
    mapped = "\n".join(f"<{ord(one):04x}> <{ord(one):04x}>" for one in letters)
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{mapped}\nendbfchar endcmap end end"
    )
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-H "
            b"/DescendantFonts [4 0 R] /ToUnicode 5 0 R >>"
        ),
        (
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /DW 500 "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
        ),
        _stream(to_unicode.encode()),
    ]
    for page in pages:
        number = len(objects) + 1
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
        drawn = "\n".join(
            f"BT /F {line.size} Tf 1 0 0 1 {line.left} {line.height} Tm <{line.text.encode('utf-16-be').hex()}> Tj ET"
            for line in page
        )
        objects.append(_stream(drawn.encode()))
    told = " ".join(
        f"/{key} <feff{value.encode('utf-16-be').hex()}>" for key, value in described.items()
    )
    objects.append(f"<< {told} >>".encode())
    return _file(objects)


def locked(content: bytes, password: str) -> bytes:
    """Return the PDF encrypted with a password; an empty one only forbids changes."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.encrypt(user_password=password, owner_password="another", algorithm="RC4-128")
    held = BytesIO()
    writer.write(held)
    return held.getvalue()


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _file(objects: list[bytes]) -> bytes:
    held, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(held))
        held += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return held + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(objects), len(held))
    )
