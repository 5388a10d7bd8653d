"""Say a filter in words, one condition each, for people who decide about it."""

from typing import assert_never

from domain.scope_tree import AllOf, AnyOf, Clause, Not, Operator, Tree
from domain.scope_words import write_operand

WORDS = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.CONTAINS: "contains",
    Operator.STARTS_WITH: "begins with",
    Operator.EMPTY: "is empty",
    Operator.FILLED: "is filled",
    Operator.BEFORE: "is before",
    Operator.AFTER: "is after",
    Operator.ON_OR_BEFORE: "is on or before",
    Operator.ON_OR_AFTER: "is on or after",
    Operator.GREATER: "is more than",
    Operator.LESS: "is less than",
    Operator.ANY_OF: "has one of",
    Operator.ALL_OF: "has all of",
    Operator.NONE_OF: "has none of",
}


def say(tree: Tree) -> list[str]:
    """Say each condition that must hold."""
    return [_say(part) for part in tree.parts] if isinstance(tree, AllOf) else [_say(tree)]


def say_clause(clause: Clause) -> str:
    """Say one clause, such as «office is one of Berlin, Kiel»."""
    values = ", ".join(str(write_operand(each)) for each in clause.operands)
    return f"{clause.attribute} {WORDS[clause.operator]} {values}".rstrip()


def _say(tree: Tree) -> str:
    match tree:
        case AllOf(parts):
            return f"({' and '.join(_say(part) for part in parts)})"
        case AnyOf(parts):
            return f"({' or '.join(_say(part) for part in parts)})"
        case Not(part):
            return f"not {_say(part)}"
        case Clause():
            return say_clause(tree)
        case _:
            assert_never(tree)
