"""Run a command while every core is kept busy by something else: `python tests/busy.py COMMAND…`."""

import os
import subprocess
import sys

others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 2)]
try:
    code = subprocess.run(sys.argv[1:], check=False).returncode
finally:
    for other in others:
        other.kill()
sys.exit(code)
