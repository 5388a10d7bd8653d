"""Read the command line of the simulator."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from datetime import date
from pathlib import Path

import msgspec

from simulators.personio.generator import TODAY
from simulators.personio.launch import Wish
from simulators.personio.switches import Switches

_EXAMPLES = """examples:
  python -m simulators.personio --employees 500 --seed 7 --port 0
  python -m simulators.personio --readable first_name,last_name,email,status,iban --latency-ms 150
  python -m simulators.personio --switch order=id --switch empty=mixed --no-rate-limits
"""


def asked_for(arguments: list[str]) -> tuple[Wish, int]:
    """Turn arguments into a wish and a port; what makes no sense ends the program with usage and code 2."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        switches = _switches(given)
    except (msgspec.ValidationError, ValueError) as refused:
        parser.error(str(refused))
    readable = given.readable.split(",") if given.readable else None
    return Wish(given.employees, given.seed, given.today, readable, switches, given.data_file), given.port


def _switches(given: Namespace) -> Switches:
    turned: dict[str, object] = {
        "latency_ms": given.latency_ms,
        "rate_limits": given.rate_limits,
        "query_string_login": given.query_string_login,
    }
    for setting in given.switch:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError("--switch takes NAME=VALUE")
        turned[name] = _read(value)
    return Switches().with_(**turned)


def _read(value: str) -> object:
    """Read a number or true and false as JSON does; anything else is a word."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        "python -m simulators.personio",
        description="A simulated Personio.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--employees", type=int, default=500, help="head count, 1 to 100,000 (500)")
    add("--seed", type=int, default=7, help="the same seed gives the same company, byte for byte (7)")
    add("--port", type=int, default=0, help="0 takes a free one (0)")
    add("--today", type=date.fromisoformat, default=TODAY, help=f"the company's day ({TODAY})")
    add("--data-file", type=Path, help="load people instead of making them up; JSON as /__truth tells it")
    add("--readable", help="attributes of the credential, by key or nickname, with commas (all)")
    add("--latency-ms", type=float, default=0, help="how long a page takes (0)")
    add("--no-rate-limits", dest="rate_limits", action="store_false", help="let everything through")
    add("--query-string-login", choices=["allow", "refuse"], default="refuse", help="(refuse)")
    add("--switch", action="append", default=[], metavar="NAME=VALUE", help="any other switch, see the guide")
    return parser
