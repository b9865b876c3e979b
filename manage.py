#!/usr/bin/env python
"""Django's command line for this project."""

import importlib.util
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
    if importlib.util.find_spec("localcloud"):
        from localcloud.joining import join_running_cloud

        join_running_cloud()

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
