"""Small media of our own making, by bytes: a PDF of a few pages, a silent MP3, an MP4 of grey pictures."""

from collections.abc import Sequence

FRAME = bytes([0xFF, 0xFB, 0x90, 0xC0]) + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz, one channel, silence
FRAME_SECONDS = 1152 / 44100


def pdf(pages: int = 3, title: str = "") -> bytes:
    """A PDF (ISO 32000-1 7.5) whose pages each say their number."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index in range(pages):
        drawn = f"BT /F1 36 Tf 72 700 Td (This is page {index + 1}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * index} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    xmp = f"<x:xmpmeta><dc:title><rdf:Alt><rdf:li>{title}</rdf:li></rdf:Alt></dc:title></x:xmpmeta>" if title else ""
    body, places = f"%PDF-1.4\n%{xmp}\n".encode(), []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    trailer = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {count}\n0000000000 65535 f \n{table}{trailer}".encode()


def mp3(seconds: float = 3.0, title: str = "") -> bytes:
    """Silence, with an ID3v2.4 tag where it has a title."""
    frames = FRAME * max(2, round(seconds / FRAME_SECONDS))
    if not title:
        return frames
    text = b"\x03" + title.encode()
    frame = b"TIT2" + len(text).to_bytes(4, "big") + b"\0\0" + text
    return b"ID3\x04\x00\x00" + len(frame).to_bytes(4, "big") + frame + frames


# --- MP4 --------------------------------------------------------------------------------------------------------------

RATE = 10  # pictures a second
SIDE = 2  # macroblocks: the picture is 32 pixels wide and high


def mp4(seconds: int = 3) -> bytes:
    """A silent film that plays: each second begins with a whole picture of a grey of its own, the rest repeat it.

    ISO/IEC 14496-12 boxes around H.264 of the baseline profile, whose whole pictures are not compressed (I_PCM), so
    that a few bit strings are all of an encoder.
    """
    film = [
        _sample(_whole_picture(index // RATE % 2, 60 + 30 * (index // RATE) % 150))
        if index % RATE == 0
        else _sample(_same_picture(index % RATE))
        for index in range(seconds * RATE)
    ]
    kind = _box("ftyp", b"isom", _number(512), b"isomavc1mp42")
    places = len(kind) + len(_movie(film, 0)) + 8
    return kind + _movie(film, places) + _box("mdat", *film)


def broken_mp4() -> bytes:
    """A file type box and an empty movie: enough to be known by, nothing to be played."""
    return b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + b"\0\0\0\x08moov"


def _number(value: int, size: int = 4) -> bytes:
    return value.to_bytes(size, "big")


def _box(name: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return _number(len(body) + 8) + name.encode() + body


def _table(name: str, rows: Sequence[Sequence[int]], before: bytes = b"") -> bytes:
    """A full box of version 0 that is a list of rows of 32-bit numbers."""
    return _box(name, bytes(4), before, _number(len(rows)), *(_number(value) for row in rows for value in row))


def _movie(film: list[bytes], place: int) -> bytes:
    """The boxes that say where each picture is and when it is shown; `place` is where the pictures begin."""
    length = len(film)
    side = _number(SIDE * 16, 2)
    unity = b"".join(map(_number, (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)))
    settings = _box("avcC", b"\1\x42\xc0\x0a\xff\xe1", _number(len(SPS), 2), SPS, b"\1", _number(len(PPS), 2), PPS)
    picture = bytes(6) + _number(1, 2) + bytes(16) + side + side + _number(0x480000) * 2 + bytes(4) + _number(1, 2)
    entry = _box("avc1", picture, bytes(32), _number(24, 2), b"\xff\xff", settings)
    samples = _box(
        "stbl",
        _box("stsd", bytes(4), _number(1), entry),
        _table("stts", [(length, 1)]),
        _table("stss", [(index + 1,) for index in range(0, length, RATE)]),
        _table("stsc", [(1, length, 1)]),
        _table("stsz", [(len(sample),) for sample in film], _number(0)),
        _table("stco", [(place,)]),
    )
    source = _box("dinf", _box("dref", bytes(4), _number(1), _box("url ", _number(1))))
    about = _box("mdhd", bytes(12), _number(RATE), _number(length), b"\x55\xc4\0\0")
    handler = _box("hdlr", bytes(8), b"vide", bytes(12), b"Film\0")
    media = _box("mdia", about, handler, _box("minf", _box("vmhd", _number(1), bytes(8)), source, samples))
    track = bytes(8) + _number(1) + bytes(4) + _number(length) + bytes(16) + unity + side + bytes(2) + side + bytes(2)
    return _box(
        "moov",
        _box(
            "mvhd", bytes(12), _number(RATE), _number(length), _number(0x10000), bytes(12), unity, bytes(24), _number(2)
        ),
        _box("trak", _box("tkhd", _number(7), track), media),
    )


def _ue(value: int) -> str:
    """An unsigned Exp-Golomb code (H.264 9.1)."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def _unit(header: int, bits: str, rest: bytes = b"") -> bytes:
    """A NAL unit: bits, `rest` after they are filled to a whole byte, the stop bit, no start code inside (7.4.1)."""
    if rest:
        bits += "0" * (-len(bits) % 8)
        body = _packed(bits) + rest + b"\x80"
    else:
        bits += "1"
        body = _packed(bits + "0" * (-len(bits) % 8))
    safe = bytearray()
    for byte in body:
        if byte < 4 and safe[-2:] == b"\0\0":
            safe.append(3)
        safe.append(byte)
    return bytes([header]) + bytes(safe)


def _packed(bits: str) -> bytes:
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _sample(unit: bytes) -> bytes:
    return _number(len(unit)) + unit


def _whole_picture(identifier: int, grey: int) -> bytes:
    """An IDR slice (7.3.3) of macroblocks that are their samples (7.3.5)."""
    block = bytes([grey]) * 256 + b"\x80" * 128
    head = _ue(0) + _ue(7) + _ue(0) + f"{0:016b}" + _ue(identifier) + "00" + _ue(0) + _ue(1) + _ue(25)
    later = _packed((_ue(25)) + "0" * (-len(_ue(25)) % 8))  # the type of the next, again filled to a byte
    return _unit(0x65, head, later.join([block] * (SIDE * SIDE)))


def _same_picture(number: int) -> bytes:
    """A P slice that skips all of its macroblocks: the picture before, once more."""
    return _unit(0x41, _ue(0) + _ue(5) + _ue(0) + f"{number:016b}" + "00" + "0" + _ue(0) + _ue(1) + _ue(SIDE * SIDE))


# 7.3.2.1: level 1, 16 bits of frame_num, pictures in the order of their coding. 7.3.2.2: CAVLC, deblocking is said.
SPS = _unit(
    0x67,
    f"{66:08b}{0xC0:08b}{10:08b}"
    + _ue(0)
    + _ue(12)
    + _ue(2)
    + _ue(1)
    + "0"
    + _ue(SIDE - 1) * 2
    + "1"
    + "1"
    + "0"
    + "0",
)
PPS = _unit(0x68, _ue(0) * 2 + "00" + _ue(0) * 3 + "0" + "00" + _ue(0) * 3 + "100")
