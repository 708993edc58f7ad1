"""`heapq`: a list as a heap."""

from typing import Any


def _up(heap: Any, at: int) -> None:
    item = heap[at]
    while at > 0:
        above = (at - 1) // 2
        if not item < heap[above]:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = item


def _down(heap: Any, at: int) -> None:
    item = heap[at]
    size = len(heap)
    child = 2 * at + 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if not heap[child] < item:
            break
        heap[at] = heap[child]
        at = child
        child = 2 * at + 1
    heap[at] = item


def heappush(heap: Any, item: Any) -> None:
    heap.append(item)
    _up(heap, len(heap) - 1)


def heappop(heap: Any) -> Any:
    last = heap.pop()
    if not heap:
        return last
    first = heap[0]
    heap[0] = last
    _down(heap, 0)
    return first


def heapify(heap: Any) -> None:
    for at in range(len(heap) // 2 - 1, -1, -1):
        _down(heap, at)


def heapreplace(heap: Any, item: Any) -> Any:
    first = heap[0]
    heap[0] = item
    _down(heap, 0)
    return first


def heappushpop(heap: Any, item: Any) -> Any:
    return heapreplace(heap, item) if heap and heap[0] < item else item


def nlargest(n: int, iterable: Any, key: Any = None) -> Any:
    return sorted(iterable, key=key, reverse=True)[: max(n, 0)]


def nsmallest(n: int, iterable: Any, key: Any = None) -> Any:
    return sorted(iterable, key=key)[: max(n, 0)]


def merge(*iterables: Any, key: Any = None, reverse: bool = False) -> Any:
    return iter(sorted([one for part in iterables for one in part], key=key, reverse=reverse))
