"""What happens before HTTP: the name that TLS is told, and whom it trusts."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.http import AddressPolicy, NotSent, Outbound
from adapters.http.wire import PinnedTransport, Stopwatch, _load_tls, shared_tls

POLICY = AddressPolicy(allow_private=True)
PATIENCE = dt.timedelta(seconds=10)


@contextmanager
def meeting(greet: Callable[[socket.socket], None]) -> Iterator[int]:
    """Accept one connection and hand it to the greeter; the port is what the test gets."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def accept() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            greet(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(10)
        listener.close()


def outbound_to(port: int, policy: AddressPolicy = POLICY) -> Outbound:
    return Outbound(
        f"https://scim.acme.example:{port}",
        policy=policy,
        resolver=lambda *_: ["127.0.0.1"],
        deadline=PATIENCE,
    )


def test_tls_is_told_the_name_of_the_host_although_we_connect_to_an_address() -> None:
    hellos: list[bytes] = []

    def greet(connection: socket.socket) -> None:
        hellos.append(connection.recv(65536))

    with meeting(greet) as port, closing(outbound_to(port)) as outbound, pytest.raises(NotSent):
        outbound.send("GET", "/a", headers={"authorization": "Bearer canary"})
    assert b"scim.acme.example" in hellos[0]
    assert b"canary" not in hellos[0]


def test_j6_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    failures: list[OSError] = []

    def greet(connection: socket.socket) -> None:
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError as error:
            failures.append(error)

    with (
        meeting(greet) as port,
        closing(outbound_to(port)) as outbound,
        pytest.raises(NotSent, match="no connection"),
    ):
        outbound.send("GET", "/a")
    assert len(failures) == 1


def test_j6_certificates_are_loaded_once_and_checked() -> None:
    assert shared_tls() is shared_tls()
    assert shared_tls().verify_mode is ssl.CERT_REQUIRED
    assert shared_tls().check_hostname


def test_certificates_are_loaded_once_by_threads_that_start_together() -> None:
    _load_tls.cache_clear()
    together = threading.Barrier(32)
    found: list[ssl.SSLContext] = []

    def ask() -> None:
        together.wait(10)
        found.append(shared_tls())

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 32
    assert len(set(found)) == 1
    assert _load_tls.cache_info().misses == 1


@pytest.mark.parametrize(("tls", "loads"), [(False, 0), (True, 1)])
def test_certificates_are_loaded_only_for_an_origin_that_needs_them(tls: bool, loads: int) -> None:
    _load_tls.cache_clear()
    policy = AddressPolicy(allow_private=True)
    transport = PinnedTransport(policy, lambda *_: ["127.0.0.1"], Stopwatch(), tls=tls)
    transport.close()
    assert _load_tls.cache_info().misses == loads
    assert (transport._pool._ssl_context is not None) is tls


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scim.acme.example")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("scim.acme.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "self-signed.pem"
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return file


def test_j6_an_operator_may_add_authorities_and_nobody_can_leave_the_check_out(tmp_path: Path) -> None:
    """A house that signs its own certificates names them; the usual ones count as before."""
    file = self_signed(tmp_path)
    own = shared_tls(file)
    assert own.verify_mode is ssl.CERT_REQUIRED
    assert own.check_hostname
    assert own.cert_store_stats()["x509"] == shared_tls().cert_store_stats()["x509"] + 1
    assert shared_tls(file) is own


def test_j6_a_server_of_the_own_house_is_believed_where_its_authority_is_named(tmp_path: Path) -> None:
    file = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def greet(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    policy = AddressPolicy(allow_private=True, authorities=file)
    with (
        meeting(greet) as port,
        closing(outbound_to(port, policy)) as outbound,
    ):
        assert outbound.send("GET", "/a").status == 204
