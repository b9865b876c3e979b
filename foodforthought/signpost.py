"""`www.` and the bare domain: no site of their own, but in every region a signpost to the site of the region that answers.

All they know of whoever asks is a language that was chosen there, in a cookie of that host alone. It is handed over to the site
once, in the address, where it becomes a cookie of the site and is gone from the address before anything is shown.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect

from foodforthought import languages
from regions import topology

ANSWERED = ("/health/", settings.STATIC_URL, "/robots.txt", "/sitemap.xml", "/api/v1/", "/language/")
"""What is the same whichever site one would be on, or has to be asked without knowing one; and the choice of a language."""


class Signpost:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_at_signpost(request):
            return languages.taken_over(request) or self.get_response(request)
        if request.path_info.startswith(ANSWERED):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return _lead_on(request)


def is_at_signpost(request: HttpRequest) -> bool:
    topo = topology.current()
    return topo.host_asked(request.headers.get("Host", "")) in topo.signpost_hosts


def _lead_on(request: HttpRequest) -> HttpResponseRedirect:
    """To the same address on the site of this region. Not to be kept: the next answer may come from another one."""
    topo = topology.current()
    address = topo.jurisdiction_url(topo.jurisdiction) + request.get_full_path_info()
    language = languages.chosen(request)
    if language:
        address += f"{'&' if '?' in address else '?'}{languages.PARAMETER}={language}"
    response = HttpResponseRedirect(address, headers={"Cache-Control": "no-store"})
    if language:
        languages.forget_at_host(response)
    return response
