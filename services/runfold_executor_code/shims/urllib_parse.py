"""`urllib.parse`: quoting, query strings, and the parts of a URL."""

from collections import namedtuple
from typing import Any

_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"
_HEX = "0123456789abcdefABCDEF"
_SCHEME = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."
_WITH_PARAMS = ("", "ftp", "hdl", "http", "https", "imap", "mms", "rtsp", "rtspu", "sip", "sips", "sftp", "tel")  # fmt: skip

SplitResult = namedtuple("SplitResult", "scheme netloc path query fragment username password hostname port")  # fmt: skip
ParseResult = namedtuple("ParseResult", "scheme netloc path params query fragment username password hostname port")  # fmt: skip


def quote(string: Any, safe: str = "/", encoding: str = "utf-8", errors: str = "strict") -> str:
    data = string if isinstance(string, bytes) else string.encode(encoding, errors)
    kept = _SAFE + safe
    pieces = []
    for byte in data:
        sign = chr(byte)
        pieces.append(sign if byte < 128 and sign in kept else "%" + format(byte, "02X"))
    return "".join(pieces)


def quote_plus(string: Any, safe: str = "", encoding: str = "utf-8", errors: str = "strict") -> str:
    return quote(string, safe + " ", encoding, errors).replace(" ", "+")


def unquote_to_bytes(string: Any) -> bytes:
    data = string.encode("utf-8") if isinstance(string, str) else string
    parts = data.split(b"%")
    pieces = [parts[0]]
    for part in parts[1:]:
        code = "".join([chr(byte) for byte in part[:2]])
        if len(code) == 2 and code[0] in _HEX and code[1] in _HEX:
            pieces.append(bytes.fromhex(code) + part[2:])
        else:
            pieces.append(b"%" + part)
    return b"".join(pieces)


def unquote(string: Any, encoding: str = "utf-8", errors: str = "replace") -> str:
    if isinstance(string, bytes):
        return unquote_to_bytes(string).decode(encoding, errors)
    # Only runs of quoted ASCII are decoded: other text may be half a character to a codec.
    pieces = []
    run = ""
    for sign in string:
        if ord(sign) < 128:
            run += sign
            continue
        pieces.append(unquote_to_bytes(run).decode(encoding, errors) if "%" in run else run)
        pieces.append(sign)
        run = ""
    pieces.append(unquote_to_bytes(run).decode(encoding, errors) if "%" in run else run)
    return "".join(pieces)


def unquote_plus(string: str, encoding: str = "utf-8", errors: str = "replace") -> str:
    return unquote(string.replace("+", " "), encoding, errors)


def urlencode(query: Any, doseq: bool = False, safe: str = "", quote_via: Any = quote_plus) -> str:
    pairs = query.items() if isinstance(query, dict) else query
    pieces = []
    for name, value in pairs:
        key = quote_via(name if isinstance(name, (str, bytes)) else str(name), safe)
        values = value if doseq and isinstance(value, (list, tuple, set)) else [value]
        for one in values:
            text = one if isinstance(one, (str, bytes)) else str(one)
            pieces.append(key + "=" + quote_via(text, safe))
    return "&".join(pieces)


def parse_qsl(qs: str, keep_blank_values: bool = False, strict_parsing: bool = False) -> Any:
    pairs = []
    for part in qs.split("&"):
        if not part and not strict_parsing:
            continue
        name, sign, value = part.partition("=")
        if not sign and strict_parsing:
            raise ValueError("bad query field: " + repr(part))
        if value or keep_blank_values:
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return pairs


def parse_qs(qs: str, keep_blank_values: bool = False, strict_parsing: bool = False) -> Any:
    found: Any = {}
    for name, value in parse_qsl(qs, keep_blank_values, strict_parsing):
        found.setdefault(name, []).append(value)
    return found


def _authority(netloc: str) -> Any:
    userinfo, at, hostport = netloc.rpartition("@")
    username, colon, password = userinfo.partition(":")
    bracket = hostport.find("]")
    if hostport.startswith("[") and bracket > 0:
        host, rest = hostport[1:bracket], hostport[bracket + 1 :]
        port = rest[1:] if rest.startswith(":") else ""
    else:
        host, _, port = hostport.partition(":")
    if port and not port.isdigit():
        raise ValueError("Port could not be cast to integer value as " + repr(port))
    return (
        username if at else None,
        password if at and colon else None,
        host.lower() or None,
        int(port) if port else None,
    )


def urlsplit(url: str, scheme: str = "", allow_fragments: bool = True) -> Any:
    url = url.lstrip().replace("\t", "").replace("\r", "").replace("\n", "")
    netloc = query = fragment = ""
    colon = url.find(":")
    if colon > 0 and url[0].isascii() and url[0].isalpha():
        if all(sign in _SCHEME for sign in url[:colon]):
            scheme, url = url[:colon].lower(), url[colon + 1 :]
    if url[:2] == "//":
        ends = [at for at in (url.find(sign, 2) for sign in "/?#") if at >= 0]
        end = min(ends) if ends else len(url)
        netloc, url = url[2:end], url[end:]
        if ("[" in netloc) != ("]" in netloc):
            raise ValueError("Invalid IPv6 URL")
    if allow_fragments and "#" in url:
        url, _, fragment = url.partition("#")
    if "?" in url:
        url, _, query = url.partition("?")
    return SplitResult(scheme, netloc, url, query, fragment, *_authority(netloc))


def urlparse(url: str, scheme: str = "", allow_fragments: bool = True) -> Any:
    split = urlsplit(url, scheme, allow_fragments)
    path, params = split.path, ""
    if split.scheme in _WITH_PARAMS and ";" in path:
        head, slash, last = path.rpartition("/")
        name, _, params = last.partition(";")
        path = head + slash + name
    return ParseResult(
        split.scheme,
        split.netloc,
        path,
        params,
        split.query,
        split.fragment,
        *_authority(split.netloc),
    )


def urlunsplit(parts: Any) -> str:
    scheme, netloc, url, query, fragment = [str(part) for part in list(parts)[:5]]
    if netloc:
        if url and url[:1] != "/":
            url = "/" + url
        url = "//" + netloc + url
    elif url[:2] == "//":
        url = "//" + url
    if scheme:
        url = scheme + ":" + url
    if query:
        url = url + "?" + query
    if fragment:
        url = url + "#" + fragment
    return url


def urlunparse(parts: Any) -> str:
    scheme, netloc, url, params, query, fragment = list(parts)[:6]
    if params:
        url = url + ";" + params
    return urlunsplit((scheme, netloc, url, query, fragment))
