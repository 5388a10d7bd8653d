"""Reading an answer without trusting its size: capped raw, capped again while inflating."""

import zlib
from collections.abc import Iterable, Iterator

from adapters.http.errors import NoReply, TooLarge

_STEP = 256 * 1024
_AUTO_HEADER = 32 + zlib.MAX_WBITS  # zlib looks itself whether it is gzip or zlib


def read_body(chunks: Iterable[bytes], encoding: str, raw_cap: int, inflated_cap: int) -> bytes:
    """Join an answer, inflating it if the server compressed it although we asked it not to."""
    capped = _capped(chunks, raw_cap)
    match encoding.strip().lower():
        case "" | "identity":
            return b"".join(capped)
        case "gzip" | "x-gzip" | "deflate":
            return b"".join(_capped(_inflated(capped), inflated_cap))
        case _:
            raise NoReply("the answer is encoded in a way that we did not ask for")


def _capped(chunks: Iterable[bytes], cap: int) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > cap:
            raise TooLarge(f"the answer is larger than {cap} bytes")
        yield chunk


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate in small steps, so that a bomb is noticed before it fills the memory."""
    engine = zlib.decompressobj(_AUTO_HEADER)
    fed = False
    try:
        for chunk in chunks:
            fed = True
            yield from _steps(engine, chunk)
    except zlib.error:
        raise NoReply("the compressed answer is damaged") from None
    if fed and not engine.eof:
        raise NoReply("the compressed answer is cut off")


def _steps(engine: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    while chunk and not engine.eof:
        yield engine.decompress(chunk, _STEP)
        chunk = engine.unconsumed_tail
