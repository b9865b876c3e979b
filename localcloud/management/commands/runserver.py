"""`manage.py runserver`: one region's pages with Django's reloading, on the embedded AWS of the laptop cloud."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.runserver import Command as DjangoCommand

from localcloud.joining import running_state
from localcloud.layout import DEFAULT_PORT, DOMAIN, ROOT, Layout
from localcloud.processes import CloudError, end_with_parent
from localcloud.supervisor import Supervisor
from regions import topology

INSIDE = "FFT_INSIDE_RUNSERVER"


class Command(DjangoCommand):
    help = "Serve the pages of one region on the embedded AWS; the laptop cloud need not run."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--region", default=topology.here(), choices=list(topology.current().regions))

    def handle(self, *args: Any, **options: Any) -> None:
        if INSIDE in os.environ:
            super().handle(*args, **options)
            return
        port = _port_of(options["addrport"] or str(DEFAULT_PORT))
        state = running_state(Layout())
        try:
            if state:
                self._serve(Layout(port=state["port"]), port, options)
            else:
                # Its own AWS ports lie behind the port that is asked for, as those of the whole cloud do.
                supervisor = Supervisor(Layout(port=port), near=options["region"])
                with supervisor.embedded_aws():
                    self._serve(supervisor.layout, port, options)
        except (CloudError, ValueError) as error:
            raise CommandError(str(error)) from error

    def _serve(self, layout: Layout, port: int, options: dict[str, Any]) -> None:
        """Django's own command, in a process whose environment is right before the settings are read."""
        region = options["region"]
        environment = layout.environment(region)
        domain = f"{DOMAIN}:{port}"
        environment |= {INSIDE: "yes", "FFT_DOMAIN": domain}
        command = [sys.executable, "manage.py", "runserver", options["addrport"] or str(port)]
        command += [] if options["use_reloader"] else ["--noreload"]
        self.stdout.write(f"{region}: {replace(topology.current(), domain=domain).region_url(region)}/")
        # Ctrl-C is for the process inside; this one then saves the data.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        subprocess.run(command, env=environment, cwd=ROOT, check=False, preexec_fn=_take_signals)


def _port_of(address: str) -> int:
    port = address.rpartition(":")[2]
    if not port.isdigit():
        raise CommandError(f"“{address}” is no port, and no address and port.")
    return int(port)


def _take_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent()
