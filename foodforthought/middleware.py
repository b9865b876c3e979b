"""Around every request: which region answers, for which hosts, how large a body may be, what a browser may not do."""

import re
from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import set_response_etag

from core.errors import Invalid, TooLarge, WrongRegion
from core.messages import say
from foodforthought.errors import answer
from regions import topology

Handler = Callable[[HttpRequest], HttpResponseBase]

HEALTH = "/health/"
API = "/api/v1/"
LENGTH = re.compile("[0-9]{1,15}")


class ServedBy:
    """Every answer says which region gave it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Served-By"] = topology.here()
        return response


class SecurityHeaders:
    """A content security policy without exceptions: scripts and styles are our own files only, forms go to this site only."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        topo = topology.current()
        self.policy = _policy([topo.jurisdiction])  # a change is posted to the home's own endpoint
        # What is posted there leads to the site of whichever region answers next; a browser holds the way to the rule, too.
        self.signposts_policy = _policy(topo.jurisdictions)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        topo = topology.current()
        is_signpost = topo.host_asked(request.headers.get("Host", "")) in topo.signpost_hosts
        policy = self.signposts_policy if is_signpost else self.policy
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
        return response


def _policy(jurisdictions: Iterable[str]) -> str:
    """With forms that go to these sites."""
    topo = topology.current()
    endpoints = " ".join(topo.url(host) for name in jurisdictions for host in topo.site_hosts(name))
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "manifest-src 'self'",
            "connect-src 'self'",
            f"form-action 'self' {endpoints}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


class Endpoints:
    """Answer for this region's endpoints only. Health is asked by address, so it is answered on any host."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        topo = topology.current()
        host = topo.host_asked(request.headers.get("Host", ""))
        if host in topo.hosts_served() or request.path_info.startswith(HEALTH):
            return self.get_response(request)
        if host not in topo.hosts() and request.method in ("GET", "HEAD"):
            # Without the prefix that API Gateway's own address has: the endpoints have none.
            return HttpResponseRedirect(topo.region_url(topo.here) + request.get_full_path_info())
        return answer(
            request, WrongRegion(topo.here, say("This is %(here)s; it does not answer for that host.", here=topo.here))
        )


class BodyLimit:
    """Refuse a body over the limit before anybody reads it: Django REST framework's parsers have no limit of their own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        limit = settings.MAX_BODY_BYTES
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not LENGTH.fullmatch(length):
            return answer(request, Invalid(say("“Content-Length” is not a number; nothing was read.")))
        if int(length) > limit:
            return answer(
                request,
                TooLarge(say("A request may have at most %(limit)d KB; this one was not read.", limit=limit // 1024)),
            )
        return self.get_response(request)


class ApiAddresses:
    """The API has a URLconf of its own: to load its framework takes 50 ms of CPU, which a page after a start is spared."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API):
            request.urlconf = "foodforthought.api_urls"
        return self.get_response(request)


class ApiETags(ConditionalGetMiddleware):
    """What the API answers to a GET has an `ETag`, and is `304` without a body to whoever has it already.

    Django's own middleware, for the API only: a page holds a form's secret and is never the same twice. The tags are weak,
    because the edge compresses what it passes on.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.path_info.startswith(API) or response.status_code != 200:
            return response
        if self.needs_etag(response) and not response.has_header("ETag"):
            set_response_etag(response)
            response.headers["ETag"] = f"W/{response.headers['ETag']}"
        return super().process_response(request, response)
