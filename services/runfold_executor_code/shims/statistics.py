"""`statistics`: averages and spread of numbers."""

import math
from decimal import Decimal
from typing import Any


def _values(data: Any, what: str, least: int = 1) -> Any:
    values = list(data)
    if len(values) < least:
        if least == 1:
            raise ValueError(what + " requires at least one data point")
        raise ValueError(what + " requires at least two data points")
    return values


def _total(values: Any) -> Any:
    return math.fsum(values) if any(isinstance(one, float) for one in values) else sum(values)


def _ratio(total: Any, count: int) -> Any:
    if isinstance(total, int) and total % count == 0:
        return total // count
    return total / count


def mean(data: Any) -> Any:
    values = _values(data, "mean")
    return _ratio(_total(values), len(values))


def fmean(data: Any, weights: Any = None) -> float:
    values = [float(one) for one in _values(data, "fmean")]
    if weights is None:
        return math.fsum(values) / len(values)
    weighing = [float(one) for one in weights]
    if len(weighing) != len(values):
        raise ValueError("data and weights must be the same length")
    if not math.fsum(weighing):
        raise ValueError("sum of weights must be non-zero")
    pairs = [value * weight for value, weight in zip(values, weighing, strict=True)]
    return math.fsum(pairs) / math.fsum(weighing)


def geometric_mean(data: Any) -> float:
    values = [float(one) for one in _values(data, "geometric mean")]
    if any(one < 0 for one in values):
        raise ValueError("geometric mean requires a non-empty dataset of positive numbers")
    if any(one == 0 for one in values):
        return 0.0
    return math.exp(math.fsum([math.log(one) for one in values]) / len(values))


def harmonic_mean(data: Any) -> Any:
    values = _values(data, "harmonic_mean")
    if any(one < 0 for one in values):
        raise ValueError("harmonic mean does not support negative values")
    if any(one == 0 for one in values):
        return 0
    return len(values) / math.fsum([1 / one for one in values])


def median(data: Any) -> Any:
    values = sorted(_values(data, "median"))
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def median_low(data: Any) -> Any:
    values = sorted(_values(data, "median"))
    return values[(len(values) - 1) // 2]


def median_high(data: Any) -> Any:
    values = sorted(_values(data, "median"))
    return values[len(values) // 2]


def _counts(data: Any) -> Any:
    counts: Any = {}
    for one in data:
        counts[one] = counts.get(one, 0) + 1
    return counts


def mode(data: Any) -> Any:
    counts = _counts(_values(data, "mode"))
    most = max(counts.values())
    return [one for one, count in counts.items() if count == most][0]


def multimode(data: Any) -> Any:
    counts = _counts(data)
    most = max(counts.values(), default=0)
    return [one for one, count in counts.items() if count == most]


def _squares(values: Any, center: Any) -> Any:
    middle = mean(values) if center is None else center
    return _total([(one - middle) * (one - middle) for one in values])


def variance(data: Any, xbar: Any = None) -> Any:
    values = _values(data, "variance", 2)
    return _ratio(_squares(values, xbar), len(values) - 1)


def pvariance(data: Any, mu: Any = None) -> Any:
    values = _values(data, "pvariance")
    return _ratio(_squares(values, mu), len(values))


def _root(value: Any) -> Any:
    return value.sqrt() if isinstance(value, Decimal) else math.sqrt(value)


def stdev(data: Any, xbar: Any = None) -> Any:
    values = _values(data, "stdev", 2)
    return _root(_squares(values, xbar) / (len(values) - 1))


def pstdev(data: Any, mu: Any = None) -> Any:
    values = _values(data, "pstdev")
    return _root(_squares(values, mu) / len(values))


def quantiles(data: Any, n: int = 4, method: str = "exclusive") -> Any:
    if n < 1:
        raise ValueError("n must be at least 1")
    values = sorted(data)
    size = len(values)
    if size < 2:
        raise ValueError("must have at least two data points")
    found = []
    for step in range(1, n):
        if method == "inclusive":
            at, rest = divmod(step * (size - 1), n)
            found.append((values[at] * (n - rest) + values[at + 1] * rest) / n)
        elif method == "exclusive":
            at = min(max(step * (size + 1) // n, 1), size - 1)
            rest = step * (size + 1) - at * n
            found.append((values[at - 1] * (n - rest) + values[at] * rest) / n)
        else:
            raise ValueError("Unknown method: " + repr(method))
    return found


def covariance(x: Any, y: Any) -> float:
    first, second = list(x), list(y)
    if len(first) != len(second):
        raise ValueError("covariance requires that both inputs have same number of data points")
    if len(first) < 2:
        raise ValueError("covariance requires at least two data points")
    one, other = math.fsum(first) / len(first), math.fsum(second) / len(second)
    pairs = [(a - one) * (b - other) for a, b in zip(first, second, strict=True)]
    return math.fsum(pairs) / (len(first) - 1)


def correlation(x: Any, y: Any) -> float:
    first, second = list(x), list(y)
    if len(first) != len(second):
        raise ValueError("correlation requires that both inputs have same number of data points")
    if len(first) < 2:
        raise ValueError("correlation requires at least two data points")
    one, other = math.fsum(first) / len(first), math.fsum(second) / len(second)
    both = math.fsum([(a - one) * (b - other) for a, b in zip(first, second, strict=True)])
    spread = math.fsum([(a - one) ** 2 for a in first]) * math.fsum([(b - other) ** 2 for b in second])  # fmt: skip
    if not spread:
        raise ValueError("at least one of the inputs is constant")
    return both / math.sqrt(spread)
