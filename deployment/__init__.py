"""What a developer deploys with: makes the package, and brings it and its stacks to the regions. Never deployed itself."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
