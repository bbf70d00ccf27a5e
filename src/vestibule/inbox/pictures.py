"""Which bytes are a picture that browsers show. Pure."""


def image_type(data: bytes) -> str | None:
    """Return the media type of a picture by its first bytes, or None when it is none that browsers show."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None
