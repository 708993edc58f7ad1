"""`n8nTrainingCustomerDatastore` and `…Messenger`: the made-up customers of n8n's lessons."""

from __future__ import annotations

from typing import Any

from runfold_executor_code.items.javascript_values import text
from runfold_executor_code.items.parameters import count, flag, word
from runfold_executor_code.items.step import Made, Step

_FIELDS = ("id", "name", "email", "notes", "country", "created")
_CUSTOMERS: tuple[tuple[str | None, ...], ...] = (
    (
        "23423532",
        "Jay Gatsby",
        "gatsby@west-egg.com",
        "Keeps asking about a green light??",
        "US",
        "1925-04-10",
    ),
    (
        "23423533",
        "José Arcadio Buendía",
        "jab@macondo.co",
        "Lots of people named after him. Very confusing",
        "CO",
        "1967-05-05",
    ),
    (
        "23423534",
        "Max Sendak",
        "info@in-and-out-of-weeks.org",
        "Keeps rolling his terrible eyes",
        "US",
        "1963-04-09",
    ),
    (
        "23423535",
        "Zaphod Beeblebrox",
        "captain@heartofgold.com",
        "Felt like I was talking to more than one person",
        None,
        "1979-10-12",
    ),
    (
        "23423536",
        "Edmund Pevensie",
        "edmund@narnia.gov",
        "Passionate sailor",
        "UK",
        "1950-10-16",
    ),
)
"""All that the datastore has: workflows of n8n's course and of its own tests count on it."""


def datastore(step: Step) -> list[list[Made]]:
    """One customer, or so many of them, for each item."""
    made = []
    for index in range(len(step.items)):
        written = step.of(index)
        most = 1
        if word(step.of().get("operation"), "getOnePerson") == "getAllPeople":
            is_all = flag(written.get("returnAll"))
            most = len(_CUSTOMERS) if is_all else max(0, count(written.get("limit"), 5))
        made += [Made(_customer(one), paired=(0, index)) for one in _CUSTOMERS[:most]]
    return [made]


def messenger(step: Step) -> list[list[Made]]:
    """What the node says that it sent, for each item. Nothing is sent."""
    made = []
    for index in range(len(step.items)):
        written = step.of(index)
        to, said = text(written.get("customerId", "")), text(written.get("message", ""))
        made.append(Made({"output": f"Sent message to customer {to}:  {said}"}, paired=(0, index)))
    return [made]


def _customer(values: tuple[str | None, ...]) -> dict[str, Any]:
    return dict(zip(_FIELDS, values, strict=True))
