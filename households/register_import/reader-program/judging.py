"""What kind of file it is, by its first bytes and the directory of its parts, and whether it may be opened at all."""

import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from order import Order, Refused, plain

OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
END_OF_DIRECTORY, END_BYTES, LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
LARGEST_DIRECTORY = 1_000_000  # bytes; a workbook has some dozens of parts
SHARPEST_RATIO = 200  # a sheet of equal rows packs to about a hundredth, an attack to a thousandth
LARGEST_ERROR = 10_000_000  # bytes; a part that is longer than it says by less is damaged, by more it lies
SMALL_PART = 1_000_000  # bytes; below that any ratio is harmless
LOCAL_HEADER_BYTES = 30
MACROS = ("vbaproject.bin", "xl/macrosheets/")
PIECE = 1 << 17  # bytes unpacked at a time: they stay near the processor
A_VALUE, LONGEST_TAG = re.compile(rb"<(\w+:)?(v|t|is)[ >]"), 32
A_ROW_ENDS = b"row>"  # with or without a prefix; one that lies across two pieces may be missed
COUNTED = 8  # of so many pieces the rows of one are counted: it is as full of them as the others


def judged(file: BinaryIO, order: Order) -> zipfile.ZipFile | None:
    """The parts of a workbook, None for a .csv. Raises Refused for everything else."""
    size = file.seek(0, 2)
    if not size:
        raise Refused("empty")
    if size > order.packed:
        raise Refused("too_large")
    head, ending = _head(file), order.name.rpartition(".")[2].lower()
    if head.startswith(OLE):
        raise Refused(_old_or_locked(file))
    if head.startswith(ZIP):
        return _judge_zip(file, ending, order)
    if ending != "csv":
        raise Refused("not_a_workbook")
    return None


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(len(OLE))


def _old_or_locked(file: BinaryIO) -> str:
    """A workbook with a password is kept in the container of the old format; so is the old format itself."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return "password"
        is_old = any(content.find(name.encode("utf-16-le")) >= 0 for name in ("Workbook", "Book"))
    return "old_format" if is_old else "not_a_workbook"


def _judge_zip(file: BinaryIO, ending: str, order: Order) -> zipfile.ZipFile:
    """Refuse what is not a plain .xlsx by the directory of its parts."""
    _judge_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    parts = archive.infolist()
    _judge_sizes(parts, file.seek(0, 2), order)
    names = {plain(part.filename) for part in parts}
    if ending == "xlsm" or any(word in name for name in names for word in MACROS):
        raise Refused("macro")
    if "xl/workbook.bin" in names or "mimetype" in names:
        raise Refused("other_format")
    if "xl/workbook.xml" not in names:
        raise Refused("not_a_workbook")
    if ending != "xlsx":
        raise Refused("wrong_extension")
    return archive


def count_rows(file: BinaryIO, parts: list[zipfile.ZipInfo]) -> int:
    """About how many rows there are; every part is unpacked to the end, because directories lie."""
    contents = [_unpacks_to(file, part) for part in parts]
    if not any(content.has_values for content in contents):
        raise Refused("no_rows")
    return sum(content.rows for content in contents)


def _judge_directory(file: BinaryIO) -> None:
    """The end of the directory, read by hand: a directory of a million parts must not be loaded to be counted."""
    size = file.seek(0, 2)
    tail_length = min(size, END_BYTES + LONGEST_COMMENT)
    file.seek(size - tail_length)
    tail = file.read(tail_length)
    # Programs differ in which of several ends they take, so all of them must be small.
    ends = [at for at in range(len(tail) - END_BYTES + 1) if tail.startswith(END_OF_DIRECTORY, at)]
    lengths = [struct.unpack_from("<L", tail, at + 12)[0] for at in ends]
    if not lengths:
        raise Refused("damaged")
    if max(lengths) > LARGEST_DIRECTORY:
        raise Refused("bomb")


def _judge_sizes(parts: list[zipfile.ZipInfo], size: int, order: Order) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("password")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        raise Refused("damaged")
    is_sharp = any(
        part.file_size > SMALL_PART and part.file_size > SHARPEST_RATIO * max(part.compress_size, 1) for part in parts
    )
    # Parts that lie upon one another would unpack the same bytes again and again.
    is_stacked = packed > size or len({part.header_offset for part in parts}) < len(parts)
    if unpacked > order.unpacked or is_sharp or is_stacked:
        raise Refused("bomb")


class Content(NamedTuple):
    """What a part unpacks to: whether it is a sheet in which any cell has a value, and about how many rows it has."""

    has_values: bool = False
    rows: int = 0


def _unpacks_to(file: BinaryIO, part: zipfile.ZipInfo) -> Content:
    """Unpack without keeping anything, and stop as soon as there is more than the directory says."""
    is_sheet, has_values, tail = plain(part.filename).startswith("xl/worksheets/"), False, b""
    count, checksum, rows, looked_at = 0, 0, 0, 0
    for number, piece in enumerate(_unpacked(file, part)):
        count += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if count > part.file_size + LARGEST_ERROR:
            raise Refused("bomb")
        if is_sheet and not number % COUNTED:
            rows += piece.count(A_ROW_ENDS)
            looked_at += len(piece)
        if is_sheet and not has_values:
            has_values = A_VALUE.search(tail + piece) is not None
            tail = piece[-LONGEST_TAG:]
    if (count, checksum) != (part.file_size, part.CRC):
        raise Refused("damaged")
    return Content(has_values, rows * count // max(looked_at, 1))


def _unpacked(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What the bytes of a part unpack to, whatever the directory says about them."""
    file.seek(part.header_offset)
    header = file.read(LOCAL_HEADER_BYTES)
    if len(header) < LOCAL_HEADER_BYTES or not header.startswith(ZIP):
        raise Refused("damaged")
    file.seek(sum(struct.unpack_from("<HH", header, LOCAL_HEADER_BYTES - 4)), 1)
    left = part.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    try:
        while left > 0 and (packed := file.read(min(left, PIECE))):
            left -= len(packed)
            if inflate is None:
                yield packed
            while inflate and packed:
                yield inflate.decompress(packed, PIECE)
                packed = inflate.unconsumed_tail
        if inflate:
            yield inflate.flush()  # some hundred bytes may be left of the last piece
    except zlib.error as error:
        raise Refused("damaged") from error
