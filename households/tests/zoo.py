"""Files as they should not be, one of each kind, made by program: what a clerk may upload by mistake or in malice."""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER = ["户编号", "人编号", "姓名", "证件号码", "人数", "户联系电话"]
ROW = ["3607040000001", "36070400000010001", "刘一", "360721199001011232", 3, "13800000000"]
SHEET = "xl/worksheets/sheet1.xml"
MANY = 120_000_000  # bytes a bomb unpacks to


def workbook(path: Path, rows: Iterable[list[Any]] = (HEADER, ROW), **sheets: list[list[Any]]) -> Path:
    """A plain workbook, with further sheets by name."""
    with xlsxwriter.Workbook(path) as book:
        for name, content in {"数据": rows, **sheets}.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(content):
                sheet.write_row(number, 0, cells)
    return path


def text(path: Path, rows: Iterable[list[Any]], encoding: str, separator: str = ",") -> Path:
    """A .csv in an encoding."""
    lines = io.StringIO()
    csv.writer(lines, delimiter=separator).writerows(rows)
    path.write_bytes(lines.getvalue().encode(encoding))
    return path


def changed(path: Path, **parts: bytes) -> Path:
    """The workbook with parts of it replaced or added; in names `__` stands for a slash and `_` for a dot."""
    new = {name.replace("__", "/").replace("_", "."): content for name, content in parts.items()}
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist() if name not in new}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {**kept, **new}.items():
            file.writestr(name, content)
    return path


def with_backslashes(path: Path) -> Path:
    """The names of its parts are written as on Windows."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("/", "\\"), content)
    return path


def with_macro(path: Path) -> Path:
    return changed(workbook(path), xl__vbaProject_bin=OLE)


def with_macro_sheet(path: Path) -> Path:
    return with_backslashes(changed(workbook(path), xl__macrosheets__sheet1_xml=b"<macrosheet/>"))


def bomb(path: Path) -> Path:
    """A sheet of blanks: a thousand times larger than its file."""
    return changed(workbook(path), xl__worksheets__sheet1_xml=b"<worksheet>" + b" " * MANY)


def lying_bomb(path: Path) -> Path:
    """The same, but the directory and the part's own header say that it is as small as any sheet."""
    content = bomb(path).read_bytes()
    honest, lie = struct.pack("<L", MANY + len(b"<worksheet>")), struct.pack("<L", 500_000)
    assert content.count(honest) == 2
    path.write_bytes(content.replace(honest, lie))
    return path


def stacked_bomb(path: Path) -> Path:
    """Many parts that are the same bytes of the file."""
    workbook(path)
    with zipfile.ZipFile(path) as file:
        kernel = file.getinfo(SHEET)
    content = path.read_bytes()
    at = content.index(b"PK\x01\x02")
    entry = content[content.index(SHEET.encode(), at) - 46 :][: 46 + len(SHEET)]
    end = content.rindex(b"PK\x05\x06")
    more = b"".join(entry.replace(b"sheet1", b"s%05d" % number) for number in range(2000))
    directory = content[at:end] + more
    count, length = len(kernel.filename) and directory.count(b"PK\x01\x02"), len(directory)
    path.write_bytes(
        content[:at] + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, length, at, 0)
    )
    return path


def endless_directory(path: Path) -> Path:
    """A directory of half a million parts, which a careless program loads to count them."""
    name = b"x" * 8
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
    count = 500_000
    start = workbook(path).read_bytes()
    start = start[: start.index(b"PK\x01\x02")]
    directory = (entry + name) * count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), len(start), 0)
    path.write_bytes(start + directory + end)
    return path


def far_cell(path: Path) -> Path:
    """Two cells, the second one in the last column of the last row."""
    return workbook_with_cells(
        path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )


def workbook_with_cells(path: Path, rows: str) -> Path:
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    return changed(workbook(path), xl__worksheets__sheet1_xml=sheet.encode())


def with_password(path: Path) -> Path:
    """The container in which Excel keeps an encrypted workbook."""
    path.write_bytes(OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(480))
    return path


def old_format(path: Path) -> Path:
    path.write_bytes(OLE + bytes(504) + "Workbook".encode("utf-16-le") + bytes(496))
    return path


def locked_part(path: Path) -> Path:
    """A workbook zipped with a password."""
    content = bytearray(workbook(path).read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(bytes(content))
    return path


def binary_workbook(path: Path) -> Path:
    return changed(workbook(path), xl__workbook_bin=b"\x83\x01")


def cut_off(path: Path) -> Path:
    """The download broke off."""
    whole = workbook(path, [HEADER, *[ROW] * 500]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def corrupt(path: Path) -> Path:
    """Some bytes in the middle of a sheet are wrong."""
    workbook(path, [HEADER, *[[zlib.crc32(bytes([n % 256, n // 256])) for _ in HEADER] for n in range(2000)]])
    with zipfile.ZipFile(path) as file:
        part = file.getinfo(SHEET)
    content = bytearray(path.read_bytes())
    middle = part.header_offset + part.compress_size // 2
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(bytes(content))
    return path


def other_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "<document/>")
    return path


def bytes_of(content: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make


def empty_sheet(path: Path) -> Path:
    return workbook(path, [])


# name: (the name it comes with, how it is made, the code it is refused with)
REFUSED: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "an empty file": ("户.xlsx", bytes_of(b""), "empty"),
    "an empty csv": ("户.csv", bytes_of(b""), "empty"),
    "a workbook with a password": ("户.xlsx", with_password, "password"),
    "a zip with a password": ("户.xlsx", locked_part, "password"),
    "the old format": ("户.xls", old_format, "old_format"),
    "the old format renamed": ("户.xlsx", old_format, "old_format"),
    "some other container": ("户.xls", bytes_of(OLE + bytes(504)), "not_a_workbook"),
    "the binary format": ("户.xlsb", binary_workbook, "other_format"),
    "a workbook with a macro": ("户.xlsm", with_macro, "macro"),
    "a hidden macro": ("户.xlsx", with_macro, "macro"),
    "a macro on a sheet": ("户.xlsx", with_macro_sheet, "macro"),
    "a macro workbook by name": ("户.xlsm", workbook, "macro"),
    "a bomb": ("户.xlsx", bomb, "bomb"),
    "a bomb that lies": ("户.xlsx", lying_bomb, "bomb"),
    "a bomb of stacked parts": ("户.xlsx", stacked_bomb, "bomb"),
    "a directory without end": ("户.xlsx", endless_directory, "bomb"),
    "half a download": ("户.xlsx", cut_off, "damaged"),
    "a damaged sheet": ("户.xlsx", corrupt, "damaged"),
    "a text named xlsx": ("户.xlsx", bytes_of("户编号,姓名\n1,刘一\n".encode()), "not_a_workbook"),
    "a web page named xls": ("户.xls", bytes_of(b"<html><table></table></html>"), "not_a_workbook"),
    "a picture": ("户.png", bytes_of(b"\x89PNG\r\n\x1a\n" + bytes(64)), "not_a_workbook"),
    "a document": ("户.xlsx", other_zip, "not_a_workbook"),
    "a workbook named csv": ("户.csv", workbook, "wrong_extension"),
    "a workbook without rows": ("户.xlsx", empty_sheet, "no_rows"),
    "a csv of blank lines": ("户.csv", bytes_of(b"\n\n,,\n"), "no_rows"),
    "bytes named csv": ("户.csv", bytes_of(bytes(range(256)) * 8), "encoding"),
    "a csv with an open quote": ("户.csv", bytes_of('户编号,姓名\n1,"刘一\n2,刘二\n'.encode()), "damaged"),
    "a csv in UTF-16": ("户.csv", lambda path: text(path, [HEADER], "utf-16"), "encoding"),
}
