"""Programs that stand for tools which Dify brings along.

Each is `main(given)`, with the tool's parameters by name, and gives `text`, `json` and `files` as
such a tool does.
"""

from __future__ import annotations

_GIVES = """

def gives(text, json=None):
    return {"text": str(text), "json": json or [], "files": []}
"""

_ZONE = """
from datetime import datetime, timedelta, timezone

FIXED = {
    "utc": 0, "gmt": 0, "etc/utc": 0, "asia/shanghai": 8, "asia/hong_kong": 8, "asia/taipei": 8,
    "asia/singapore": 8, "asia/manila": 8, "australia/perth": 8, "asia/tokyo": 9, "asia/seoul": 9,
    "asia/kolkata": 5.5, "asia/calcutta": 5.5, "asia/karachi": 5, "asia/dubai": 4,
    "asia/bangkok": 7, "asia/jakarta": 7, "asia/ho_chi_minh": 7, "europe/moscow": 3,
    "europe/istanbul": 3, "asia/riyadh": 3, "africa/nairobi": 3, "africa/johannesburg": 2,
    "africa/lagos": 1, "america/sao_paulo": -3, "america/bogota": -5, "america/phoenix": -7,
    "pacific/honolulu": -10,
}
EUROPE = {
    "europe/london": 0, "europe/lisbon": 0, "europe/dublin": 0, "europe/paris": 1,
    "europe/berlin": 1, "europe/madrid": 1, "europe/rome": 1, "europe/amsterdam": 1,
    "europe/vienna": 1, "europe/zurich": 1, "europe/stockholm": 1, "europe/oslo": 1,
    "europe/copenhagen": 1, "europe/warsaw": 1, "europe/prague": 1, "europe/brussels": 1,
    "europe/athens": 2, "europe/helsinki": 2, "europe/kiev": 2, "europe/kyiv": 2,
}
AMERICA = {
    "america/new_york": -5, "america/toronto": -5, "us/eastern": -5, "america/chicago": -6,
    "us/central": -6, "america/denver": -7, "us/mountain": -7, "america/los_angeles": -8,
    "america/vancouver": -8, "us/pacific": -8,
}

def sunday(year, month, number):
    if number > 0:
        first = datetime(year, month, 1)
        return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))
    last = datetime(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() + 1) % 7)

def offset_of(name, utc):
    plain = str(name or "UTC").strip().lower()
    if plain in FIXED:
        return FIXED[plain]
    if plain in EUROPE:
        begins = sunday(utc.year, 3, -1) + timedelta(hours=1)
        ends = sunday(utc.year, 10, -1) + timedelta(hours=1)
        return EUROPE[plain] + (1 if begins <= utc < ends else 0)
    if plain in AMERICA:
        hours = AMERICA[plain]
        begins = sunday(utc.year, 3, 2) + timedelta(hours=2 - hours)
        ends = sunday(utc.year, 11, 1) + timedelta(hours=1 - hours)
        return hours + (1 if begins <= utc < ends else 0)
    raise ValueError("the program does not know the time zone " + str(name))

def local(utc, name):
    return utc + timedelta(hours=offset_of(name, utc))

def universal(there, name):
    guess = there - timedelta(hours=offset_of(name, there))
    return there - timedelta(hours=offset_of(name, guess))

def read(text):
    parts = str(text).strip().replace("T", " ").split(" ")
    year, month, day = [int(one) for one in parts[0].split("-")]
    clock = [int(one) for one in parts[1].split(":")] if len(parts) > 1 else []
    hour, minute, second = (clock + [0, 0, 0])[:3]
    return datetime(year, month, day, hour, minute, second)

NORMAL = "%Y-%m-%d %H:%M:%S"
EPOCH = datetime(1970, 1, 1)
"""

_CURRENT_TIME = (
    _ZONE
    + """
def main(given):
    utc = datetime.now(timezone.utc).replace(tzinfo=None)
    return gives(local(utc, given.get("timezone")).strftime(given.get("format") or NORMAL))
"""
    + _GIVES
)

_LOCAL_TO_STAMP = (
    _ZONE
    + """
def main(given):
    utc = universal(read(given.get("localtime")), given.get("timezone"))
    return gives(int((utc - EPOCH).total_seconds()))
"""
    + _GIVES
)

_STAMP_TO_LOCAL = (
    _ZONE
    + """
def main(given):
    utc = EPOCH + timedelta(seconds=int(float(given.get("timestamp"))))
    return gives(local(utc, given.get("timezone")).strftime(NORMAL))
"""
    + _GIVES
)

_CONVERT_ZONE = (
    _ZONE
    + """
def main(given):
    utc = universal(read(given.get("current_time")), given.get("current_timezone"))
    return gives(local(utc, given.get("target_timezone")).strftime(NORMAL))
"""
    + _GIVES
)

_WEEKDAY = (
    """
from datetime import date

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)

def main(given):
    when = date(int(given.get("year")), int(given.get("month")), int(given.get("day")))
    said = MONTHS[when.month - 1] + " " + str(when.day) + ", " + str(when.year)
    return gives(said + " is " + DAYS[when.weekday()] + ".")
"""
    + _GIVES
)

_CALCULATE = (
    """
import math
import re

NAMES = {"pi": math.pi, "e": math.e}
CALLS = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "sqrt": math.sqrt, "log": math.log,
    "log10": math.log10, "log2": math.log2, "exp": math.exp, "abs": abs, "floor": math.floor,
    "ceil": math.ceil,
}

def next_of(tokens):
    return tokens[0] if tokens else ""

def total(tokens):
    value = product(tokens)
    while next_of(tokens) in ("+", "-"):
        sign = tokens.pop(0)
        other = product(tokens)
        value = value + other if sign == "+" else value - other
    return value

def product(tokens):
    value = signed(tokens)
    while next_of(tokens) in ("*", "/", "//", "%"):
        sign = tokens.pop(0)
        other = signed(tokens)
        if sign == "*":
            value = value * other
        elif sign == "/":
            value = value / other
        else:
            value = value // other if sign == "//" else value % other
    return value

def signed(tokens):
    if next_of(tokens) in ("+", "-"):
        sign = tokens.pop(0)
        value = signed(tokens)
        return -value if sign == "-" else value
    base = atom(tokens)
    if next_of(tokens) == "**":
        tokens.pop(0)
        power = signed(tokens)
        if abs(power) > 1000:
            raise ValueError("the power is too large")
        return base ** power
    return base

def atom(tokens):
    if not tokens:
        raise ValueError("it ends too soon")
    token = tokens.pop(0)
    if token == "(":
        value = total(tokens)
        close(tokens)
        return value
    if token in CALLS and next_of(tokens) == "(":
        tokens.pop(0)
        value = total(tokens)
        close(tokens)
        return CALLS[token](value)
    if token in NAMES:
        return NAMES[token]
    if token[0] in "0123456789.":
        return float(token) if "." in token or "e" in token else int(token)
    raise ValueError("this is no arithmetic: " + token)

def close(tokens):
    if next_of(tokens) != ")":
        raise ValueError("a bracket is not closed")
    tokens.pop(0)

def main(given):
    written = str(given.get("expression") or "").strip()
    plain = written.replace("^", "**").replace(" ", "")
    tokens = re.findall(r"[0-9]*\\.?[0-9]+(?:e[-+]?[0-9]+)?|[a-z_][a-z0-9_]*|[*][*]|//|.", plain)
    if not tokens:
        return gives("Invalid expression")
    try:
        value = total(tokens)
        if tokens:
            raise ValueError("this does not belong there: " + tokens[0])
        return gives(value)
    except Exception as error:
        return gives("Invalid expression: " + written + ", error: " + str(error))
"""
    + _GIVES
)

_JSON_PATH = """
import json
import re

def steps_of(path):
    plain = str(path or "$").strip()
    found = re.findall(r"[.]([^.\\[\\]]+)|\\[(-?[0-9]+|[*])\\]|\\[['\\"]([^'\\"]+)['\\"]\\]", plain)
    return [name or index or quoted for name, index, quoted in found]

def places(data, steps):
    found = [(None, None, data)]
    for step in steps:
        after = []
        for _, _, value in found:
            if step == "*":
                pairs = value.items() if isinstance(value, dict) else enumerate(value)
                after += [(value, key, inner) for key, inner in pairs]
            elif isinstance(value, dict) and step in value:
                after.append((value, step, value[step]))
            elif isinstance(value, list) and re.fullmatch(r"-?[0-9]+", step):
                if -len(value) <= int(step) < len(value):
                    after.append((value, int(step), value[int(step)]))
        found = after
    return found

def written(value, given):
    ascii_only = str(given.get("ensure_ascii", True)).lower() != "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=ascii_only)
"""

_JSON_PARSE = (
    _JSON_PATH
    + """
def main(given):
    data = json.loads(str(given.get("content")))
    found = [value for _, _, value in places(data, steps_of(given.get("json_filter")))]
    if not found:
        return gives("")
    return gives(written(found[0] if len(found) == 1 else found, given))
"""
    + _GIVES
)

_JSON_REPLACE = (
    _JSON_PATH
    + """
def main(given):
    data = json.loads(str(given.get("content")))
    model, new = given.get("replace_model"), given.get("replace_value")
    old = given.get("replace_pattern")
    if str(given.get("value_decode", False)).lower() == "true":
        new = json.loads(str(new))
    for holder, key, value in places(data, steps_of(given.get("query"))):
        if holder is None:
            continue
        if model == "key":
            holder[str(new)] = holder.pop(key)
        elif model == "value" or old in (None, ""):
            holder[key] = new
        else:
            holder[key] = str(value).replace(str(old), str(new))
    return gives(written(data, given))
"""
    + _GIVES
)

_JSON_DELETE = (
    _JSON_PATH
    + """
def main(given):
    data = json.loads(str(given.get("content")))
    for holder, key, _ in reversed(places(data, steps_of(given.get("query")))):
        if holder is not None:
            del holder[key]
    return gives(written(data, given))
"""
    + _GIVES
)

PROGRAMS: dict[tuple[str, str], str] = {
    ("time", "current_time"): _CURRENT_TIME,
    ("time", "localtime_to_timestamp"): _LOCAL_TO_STAMP,
    ("time", "timestamp_to_localtime"): _STAMP_TO_LOCAL,
    ("time", "timezone_conversion"): _CONVERT_ZONE,
    ("time", "weekday"): _WEEKDAY,
    ("maths", "eval_expression"): _CALCULATE,
    ("json_process", "parse"): _JSON_PARSE,
    ("json_process", "json_replace"): _JSON_REPLACE,
    ("json_process", "json_delete"): _JSON_DELETE,
}
"""Provider and tool → the program that stands for it."""
