"""Reading an answer without trusting its size: capped raw, capped again while inflating."""

import zlib
from collections.abc import Iterable, Iterator

from adapters.http.errors import NoReply, TooLarge

_STEP = 256 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # zlib looks itself which of them it is
_BARE = -zlib.MAX_WBITS
_DEFLATE = "deflate"
_GZIP = b"\x1f\x8b"
_AS_IT_IS = frozenset({"", "identity", "none", "utf-8", "utf8"})
"""No encoding at all; some servers name the character set here, which belongs into the content type."""


def read_body(chunks: Iterable[bytes], encoding: str, raw_cap: int, inflated_cap: int) -> bytes:
    """Join an answer, inflating it if the server compressed it although we asked it not to."""
    capped = _capped(chunks, raw_cap)
    told = encoding.strip().lower()
    if told in _AS_IT_IS:
        return b"".join(capped)
    if told not in {"gzip", "x-gzip", _DEFLATE}:
        raise NoReply("the answer is encoded in a way that we did not ask for")
    return b"".join(_capped(_inflated(capped, bare=told == _DEFLATE), inflated_cap))


def _capped(chunks: Iterable[bytes], cap: int) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > cap:
            raise TooLarge(f"the answer is larger than {cap} bytes")
        yield chunk


def _inflated(chunks: Iterable[bytes], *, bare: bool) -> Iterator[bytes]:
    """Inflate in small steps, so that a bomb is noticed before it fills the memory."""
    inflating = _Inflating(bare=bare)
    try:
        for chunk in chunks:
            yield from inflating.fed(chunk)
        yield from inflating.drained()
    except zlib.error:
        raise NoReply("the compressed answer is damaged") from None
    if inflating.is_cut:
        raise NoReply("the compressed answer is cut off")


class _Inflating:
    """Inflate what comes: a gateway may pack in pieces, one behind the other, and pad behind the last one."""

    def __init__(self, *, bare: bool) -> None:
        self._bare = bare
        self._engine: zlib._Decompress | None = None
        self._left = b""

    @property
    def is_cut(self) -> bool:
        """Say whether a piece began and did not end."""
        return bool(self._left) if self._engine is None else not self._engine.eof

    def fed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk; the first bytes of a piece wait until there are enough of them to tell what it is."""
        self._left += chunk
        while self._left and (engine := self._engine_for(self._left)) is not None:
            yield engine.decompress(self._left, _STEP)
            self._left = engine.unused_data or engine.unconsumed_tail

    def drained(self) -> Iterator[bytes]:
        """Give what the engine kept back."""
        if self._engine is not None:
            yield self._engine.decompress(b"", _STEP)

    def _engine_for(self, packed: bytes) -> "zlib._Decompress | None":
        """Go on with this piece, or begin the next; None where neither can be done."""
        engine = self._engine
        if engine is not None and not engine.eof:
            return engine
        if len(packed) < len(_GZIP) or (engine is not None and not packed.startswith(_GZIP)):
            return None
        self._engine = zlib.decompressobj(_wrapping_of(packed) if self._bare else _GZIP_OR_ZLIB)
        return self._engine


def _wrapping_of(packed: bytes) -> int:
    """Look how «deflate» is wrapped: in zlib, as it should be, or, from some servers, not at all."""
    method, checked = packed[0] & 0x0F, int.from_bytes(packed[:2]) % 31 == 0
    zlibs = method == zlib.DEFLATED and checked
    return _GZIP_OR_ZLIB if zlibs or packed.startswith(_GZIP) else _BARE
