"""Runs in the interpreter of Lambda, where nothing of ours is: MiniStack, with what it stores wrongly put right.

Zappa asks for binary answers by a JSON pointer, in which “~1” is a slash. MiniStack stores it as it is written, and every answer
that is binary (gzip, pictures, problem+json) would come out empty.
"""

from ministack import app
from ministack.services import apigateway_v1

PREFIX = "/binaryMediaTypes/"
apply_patch = apigateway_v1._apply_patch


def apply(api, operations):
    for operation in operations:
        if operation["path"].startswith(PREFIX):
            media_type = operation["path"].removeprefix(PREFIX).replace("~1", "/").replace("~0", "~")
            others = [kept for kept in api.get("binaryMediaTypes") or [] if kept != media_type]
            api["binaryMediaTypes"] = others + [media_type] * (operation["op"] == "add")
    return apply_patch(api, [operation for operation in operations if not operation["path"].startswith(PREFIX)])


apigateway_v1._apply_patch = apply
app.main()
