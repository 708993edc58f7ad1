"""`operator`: operators as functions, `itemgetter` and `attrgetter`."""

from typing import Any


def itemgetter(*items: Any) -> Any:
    if not items:
        raise TypeError("itemgetter expected at least 1 argument, got 0")
    if len(items) == 1:
        return lambda value: value[items[0]]
    return lambda value: tuple([value[item] for item in items])


def _followed(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name)
    return value


def attrgetter(*names: Any) -> Any:
    if not names:
        raise TypeError("attrgetter expected at least 1 argument, got 0")
    if len(names) == 1:
        return lambda value: _followed(value, names[0])
    return lambda value: tuple([_followed(value, name) for name in names])


def add(a: Any, b: Any) -> Any:
    return a + b


def sub(a: Any, b: Any) -> Any:
    return a - b


def mul(a: Any, b: Any) -> Any:
    return a * b


def truediv(a: Any, b: Any) -> Any:
    return a / b


def floordiv(a: Any, b: Any) -> Any:
    return a // b


def mod(a: Any, b: Any) -> Any:
    return a % b


def pow(a: Any, b: Any) -> Any:
    return a**b


def neg(a: Any) -> Any:
    return -a


def pos(a: Any) -> Any:
    return +a


def and_(a: Any, b: Any) -> Any:
    return a & b


def or_(a: Any, b: Any) -> Any:
    return a | b


def xor(a: Any, b: Any) -> Any:
    return a ^ b


def eq(a: Any, b: Any) -> Any:
    return a == b


def ne(a: Any, b: Any) -> Any:
    return a != b


def lt(a: Any, b: Any) -> Any:
    return a < b


def le(a: Any, b: Any) -> Any:
    return a <= b


def gt(a: Any, b: Any) -> Any:
    return a > b


def ge(a: Any, b: Any) -> Any:
    return a >= b


def not_(a: Any) -> bool:
    return not a


def truth(a: Any) -> bool:
    return bool(a)


def is_(a: Any, b: Any) -> bool:
    return a is b


def is_not(a: Any, b: Any) -> bool:
    return a is not b


def concat(a: Any, b: Any) -> Any:
    return a + b


def contains(a: Any, b: Any) -> bool:
    return b in a


def getitem(a: Any, b: Any) -> Any:
    return a[b]


def setitem(a: Any, b: Any, c: Any) -> None:
    a[b] = c


def countOf(a: Any, b: Any) -> int:
    return len([one for one in a if one == b])


def indexOf(a: Any, b: Any) -> int:
    for at, one in enumerate(a):
        if one == b:
            return at
    raise ValueError("sequence.index(x): x not in sequence")
