"""Small media of our own making, by bytes: a PDF of a few pages, a silent MP3, the beginning of an MP4."""

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


def mp4() -> bytes:
    """A file type box and an empty movie: enough to be known by, nothing to be played."""
    return b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + b"\0\0\0\x08moov"
