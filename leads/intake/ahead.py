"""Preparing the next piece of work while the database is busy with this one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

from django.utils import translation

ItemT = TypeVar("ItemT")


def one_ahead(items: Iterable[ItemT]) -> Generator[ItemT, None, None]:
    """The items, each made by another thread while the one before is used; they must not touch the database.

    An exception of theirs is raised here, in its place. The thread ends with the iteration, however that ends.
    """
    made: queue.Queue[tuple[ItemT | None, BaseException | None]] = queue.Queue(maxsize=1)
    is_over = threading.Event()
    language = translation.get_language()

    def put(item: ItemT | None, error: BaseException | None) -> None:
        while not is_over.is_set():
            try:
                return made.put((item, error), timeout=0.2)
            except queue.Full:
                continue
        return None

    def make() -> None:
        with translation.override(language):
            try:
                for item in items:
                    put(item, None)
                    if is_over.is_set():
                        return
            except BaseException as error:
                put(None, error)
            else:
                put(None, StopIteration())

    thread = threading.Thread(target=make, name="import-reader", daemon=True)
    thread.start()
    try:
        while True:
            item, error = made.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            assert item is not None
            yield item
    finally:
        is_over.set()
        thread.join()
