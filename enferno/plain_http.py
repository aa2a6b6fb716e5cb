"""Plain http leads to https, and only under a name that is ours: nginx hands over what comes in on port 80, because the
application alone knows its names (BASE_URL, ALLOWED_HOSTS)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from enferno.settings import Settings

__all__ = ["OverTLS"]

# What may stand in a path as it is (RFC 3986, section 3.3).
UNQUOTED = "/!$&'()*+,;=:@~"


class OverTLS:
    """WSGI: sends whoever came over plain http to the same address over https.

    Believes what the proxy says of the scheme, so it is put in only where one is trusted. A name that is not ours goes
    on to the application, which refuses it.
    """

    def __init__(self, application: Any, settings: Settings, headers: Mapping[str, str]) -> None:
        self.application = application
        self.hosts = settings.hosts
        self.own = urlsplit(settings.base_url)
        self.headers = headers

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        name = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        if environ.get("HTTP_X_FORWARDED_PROTO") != "http" or name not in self.hosts:
            return self.application(environ, start_response)
        address = f"https://{self.own.netloc if name == self.own.hostname else name}{path(environ)}"
        named = {"Location": address, "Content-Length": "0", "Cache-Control": "no-store", **self.headers}
        start_response("308 Permanent Redirect", list(named.items()))
        return [b""]


def path(environ: Mapping[str, Any]) -> str:
    """The path and the query of a request, quoted as a header needs it."""
    text = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe=UNQUOTED)
    query = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=UNQUOTED + "?%")
    return f"{text}?{query}" if query else text
