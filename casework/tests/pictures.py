"""Pictures for tests."""

import io

from PIL import Image

GPS, MAKE, ORIENTATION, TURNED = 0x8825, 0x010F, 0x0112, 6


def picture(width: int = 40, height: int = 30, *, with_position: bool = False, kind: str = "JPEG") -> bytes:
    """A picture in one colour; on wish with a camera, a position, and lying on its side."""
    written, exif = io.BytesIO(), Image.Exif()
    if with_position:
        exif[MAKE], exif[ORIENTATION] = "Tell-Tale", TURNED
        exif.get_ifd(GPS)[1] = "N"
    Image.new("RGB", (width, height), "green").save(written, kind, exif=exif)
    return written.getvalue()
