"""Health, for Route 53 and load balancers. Not part of the API."""

from django.http import HttpRequest, JsonResponse

from regions import health, topology


def live(request: HttpRequest) -> JsonResponse:
    """The process answers. Touches nothing."""
    return JsonResponse({"status": "live", "region": topology.here()})


def ready(request: HttpRequest) -> JsonResponse:
    """This region can serve: 200, or 503 with what is wrong."""
    verdict = health.verdict()
    return JsonResponse(
        {"status": "ready" if verdict.ready else "not ready", "region": topology.here(), "checks": verdict.checks},
        status=200 if verdict.ready else 503,
    )
