"""The kitchens of one region on a game day: a process there that moves orders on. `python -m localcloud.gameday.kitchen`.

It reads lines “<order id> <verb>” and answers each with a line: `done`, `refused`, or what went wrong.
"""

import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter

from localcloud.layout import ROOT, Layout
from localcloud.processes import end_with_parent, python

TRIES = 30
TRY_AGAIN_SECONDS = 1.0


class Kitchen:
    """The staff of a region's restaurants: does what it is told to, again and again while the region does not answer."""

    def __init__(self, layout: Layout, region: str) -> None:
        self.done: dict[str, str] = {}  # order id → the verb that was acknowledged
        self.answers: Counter[str] = Counter()
        self._orders: queue.Queue[tuple[str, str] | None] = queue.Queue()
        self._process = subprocess.Popen(
            python("localcloud.gameday.kitchen"),
            cwd=ROOT, env=layout.environment(region), text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=end_with_parent,  # noqa: PLW1509
        )  # fmt: skip
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def tell(self, order_id: str, verb: str) -> None:
        self._orders.put((order_id, verb))

    def close(self) -> None:
        """Wait until all is done that was told."""
        self._orders.put(None)
        self._thread.join()
        self._process.communicate()

    def _work(self) -> None:
        while told := self._orders.get():
            order_id, verb = told
            try:
                answer = self._ask(order_id, verb)
            except OSError:
                answer = "ended"
            self.answers[answer] += 1
            if answer == "done":
                self.done[order_id] = verb

    def _ask(self, order_id: str, verb: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise TypeError("The kitchen was started without pipes.")
        for _ in range(TRIES):
            self._process.stdin.write(f"{order_id} {verb}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline().strip()
            if answer in ("done", "refused", ""):
                break
            time.sleep(TRY_AGAIN_SECONDS)
        return answer


def main() -> None:
    from botocore.exceptions import BotoCoreError
    from pynamodb.exceptions import PynamoDBException

    from core.actor import Actor, Role
    from core.errors import Refused
    from orders import lifecycle
    from orders.errors import NotPossibleNow
    from orders.models import Order
    from orders.status import Verb
    from regions import topology

    account = f"gameday-kitchen-{os.getpid()}"  # another one each: what one has done, another has not

    def do(order_id: str, verb: Verb) -> str:
        try:
            order = Order.get(Order.key_of(topology.here(), order_id), consistent_read=True)
            lifecycle.change(order, verb, by=Actor(Role.KITCHEN, account=account, restaurant=order.restaurant))
        except NotPossibleNow:
            return "refused"  # it is a duplicate, or cancelled
        except (Refused, PynamoDBException, BotoCoreError) as error:
            return type(error).__name__
        return "done"

    for line in sys.stdin:
        order_id, verb = line.split()
        print(do(order_id, Verb(verb)), flush=True)


if __name__ == "__main__":
    main()
