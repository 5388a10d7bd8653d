"""Every question to a store names the tenant first, or says why it may not."""

import importlib
import inspect
from typing import Any

import pytest

PORTS = importlib.import_module("domain.ports")
STORES: tuple[type, ...] = getattr(PORTS, "STORES", ())
CROSS_TENANT: dict[str, str] = getattr(PORTS, "CROSS_TENANT", {})


def methods(stores: tuple[type, ...]) -> list[tuple[str, Any]]:
    return [
        (f"{store.__name__}.{name}", method)
        for store in stores
        for name, method in inspect.getmembers(store, inspect.isfunction)
        if not name.startswith("_")
    ]


def names_the_tenant_first(method: Any) -> bool:  # noqa: ANN401  any function has a signature
    return [*inspect.signature(method).parameters][1:2] == ["tenant_id"]


def test_the_ports_list_their_stores() -> None:
    assert hasattr(PORTS, "STORES"), "domain/ports.py must list its store protocols in a tuple STORES"
    assert hasattr(PORTS, "CROSS_TENANT"), (
        "domain/ports.py must hold CROSS_TENANT: dict[«Store.method», reason]"
    )
    assert STORES


@pytest.mark.parametrize(("name", "method"), methods(STORES))
def test_the_tenant_comes_first(name: str, method: Any) -> None:  # noqa: ANN401  any function has a signature
    assert names_the_tenant_first(method) or name in CROSS_TENANT, f"{name} must take tenant_id first"


@pytest.mark.parametrize("name", [*CROSS_TENANT])
def test_an_exception_is_needed_and_has_a_reason(name: str) -> None:
    method = dict(methods(STORES)).get(name)
    assert method is not None, f"CROSS_TENANT names {name}, which no store has"
    assert not names_the_tenant_first(method), f"{name} takes tenant_id first: it needs no exception"
    assert len(CROSS_TENANT[name].split()) >= 3, f"{name} needs a reason that a reader can judge"


def test_a_method_without_a_tenant_is_seen() -> None:
    class Leaky:
        def everybody(self, state: str, tenant_id: str) -> None: ...

    [(name, method)] = methods((Leaky,))
    assert name == "Leaky.everybody"
    assert not names_the_tenant_first(method)
