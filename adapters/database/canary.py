"""The canary: one sealed value that tells at start whether the master key is the right one."""

from sqlalchemy import Connection, select

from adapters.database.statements import insert_into
from adapters.database.tables import META
from adapters.vault import Cipher, SealedElsewhereError, WrongMasterKeyError, named_key

CANARY = "canary"
SONG = b"staffetta"


def check_canary(connection: Connection, master: Cipher) -> None:
    """Open the canary, or leave one in a store that has none yet."""
    sealed = connection.scalar(select(META.c.value).where(META.c.name == CANARY))
    if sealed is None:
        sealed = _first_canary(connection, master)
    try:
        master.open(CANARY, CANARY, sealed)
    except SealedElsewhereError as error:
        raise WrongMasterKeyError(
            f"this store needs master key {named_key(sealed)}, the present one is {master.key_id.hex()}. "
            "Nothing was changed. Restore the key file that belongs to this database, or open the database "
            "of this key."
        ) from error


def _first_canary(connection: Connection, master: Cipher) -> bytes:
    """Store a canary unless another process was quicker; return the one that counts."""
    song = {"name": CANARY, "value": master.seal(CANARY, CANARY, SONG)}
    connection.execute(insert_into(connection, META).values(song).on_conflict_do_nothing())
    return bytes(connection.scalars(select(META.c.value).where(META.c.name == CANARY)).one())
