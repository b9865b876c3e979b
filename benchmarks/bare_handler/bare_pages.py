"""Pages and documents as anybody would begin them: a Query or a get by PynamoDB, then a template or JSON of what it returned."""

import json
import os

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class Row(Model):
    """The texts of a row of a page, and the markup between them."""

    class Meta:
        table_name = "bare"
        region = os.environ["AWS_REGION"]
        host = json.loads(os.environ["FFT_ENDPOINTS"])[region]

    page = UnicodeAttribute(hash_key=True)
    number = NumberAttribute(range_key=True)
    t0 = UnicodeAttribute()
    t1 = UnicodeAttribute(null=True)
    t2 = UnicodeAttribute(null=True)
    t3 = UnicodeAttribute(null=True)
    t4 = UnicodeAttribute(null=True)
    t5 = UnicodeAttribute(null=True)
    t6 = UnicodeAttribute(null=True)
    t7 = UnicodeAttribute(null=True)
    t8 = UnicodeAttribute(null=True)
    t9 = UnicodeAttribute(null=True)
    ta = UnicodeAttribute(null=True)
    tb = UnicodeAttribute(null=True)
    tc = UnicodeAttribute(null=True)
    document: JSONAttribute = JSONAttribute(null=True)


def rows(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "rows.html", {"rows": Row.query(name)})


def one(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "rows.html", {"rows": Row.get(name, 0).document})


def document(request: HttpRequest, name: str) -> HttpResponse:
    return JsonResponse(Row.get(name, 0).document)


urlpatterns = [path("rows/<str:name>/", rows), path("one/<str:name>/", one), path("documents/<str:name>/", document)]
