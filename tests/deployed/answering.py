"""Runs inside a package, where nothing of the tests is: answers what its input asks with Django's client, line by line."""

import base64
import json
import os
import sys
from contextlib import nullcontext
from unittest.mock import patch

from django.test import Client

from foodforthought.wsgi import application  # noqa: F401 - starts as it does on Lambda

client = Client(raise_request_exception=False)
with os.fdopen(int(sys.argv[1]), "w") as answers:
    for line in sys.stdin:
        asked = json.loads(line)
        fault = asked.pop("fault", None)  # what is broken, and the text of its error
        client.handler.enforce_csrf_checks = asked.pop("checks_csrf", False)
        with patch(fault[0], side_effect=RuntimeError(fault[1])) if fault else nullcontext():
            response = client.generic(**asked)
        body = base64.b64encode(b"".join(response)).decode()
        print(json.dumps([response.status_code, dict(response.headers), body]), file=answers, flush=True)
