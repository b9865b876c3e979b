"""A page and a document, as anybody begins: one Query or Get by PynamoDB, and a template or JSON of what it returned."""

import json
import os
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class Row(Model):
    """A row of a page: in turns markup, and a text that the template escapes."""

    class Meta:
        table_name = "bare"
        region = os.environ["AWS_REGION"]
        host = json.loads(os.environ["FFT_ENDPOINTS"])[region]

    page = UnicodeAttribute(hash_key=True)
    number = NumberAttribute(range_key=True)
    document: JSONAttribute = JSONAttribute(null=True)
    m0, m1, m2, m3, m4, m5 = (UnicodeAttribute(null=True) for _ in range(6))
    t0, t1, t2, t3, t4, t5 = (UnicodeAttribute(null=True) for _ in range(6))


def page(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "rows.html", {"rows": Row.query(name)})


def document(request: HttpRequest, name: str) -> HttpResponse:
    content: Any = Row.get(name, 0).document
    return JsonResponse(content)


urlpatterns = [path("pages/<str:name>/", page), path("documents/<str:name>/", document)]
