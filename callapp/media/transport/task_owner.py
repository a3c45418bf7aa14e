"""Every task has an owner, also those that aiortc and aioice start and forget.

Both libraries call `ensure_future` in many places and keep no handle. A context variable names on whose behalf code
runs; asyncio hands it on to every task and socket callback begun there; the engine's task factory reads it. So a
peer connection's owner can cancel all that is left of it, and no task's exception is lost.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Generator
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_current: contextvars.ContextVar[TaskOwner | None] = contextvars.ContextVar("task_owner", default=None)


class TaskOwner:
    """Holds the tasks of one lifetime (the engine, a peer connection, a device).

    `on_failure` gets the exception of a task that nobody awaited. Cancellation and ConnectionError are the ordinary
    ends of network tasks and are not failures.
    """

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function`; every task begun inside, now or later from its callbacks, belongs to this owner."""

        def inside() -> T:
            _current.set(self)
            return function(*args, **kwargs)

        return contextvars.copy_context().run(inside)

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start an owned task. Only on a loop that uses `owned_task_factory`."""
        return self.run(asyncio.get_running_loop().create_task, coroutine)

    async def cancel(self, timeout_s: float) -> bool:
        """Cancel all tasks except the calling one; False if some were still running after `timeout_s`."""
        left = self._tasks - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if not left:
            return True
        _, pending = await asyncio.wait(left, timeout=timeout_s)
        return not pending

    def _adopt(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, (ConnectionError, TimeoutError)):
            self._on_failure(error)


def owned_task_factory(
    loop: asyncio.AbstractEventLoop,
    coroutine: Coroutine[Any, Any, T] | Generator[Any, None, T],
    **kwargs: Any,
) -> asyncio.Task[T]:
    """A task factory (`loop.set_task_factory`) that gives each task to the owner on whose behalf it was begun."""
    task = asyncio.Task(coroutine, loop=loop, **kwargs)
    owner = _current.get()
    if owner is not None:
        owner._adopt(task)
    return task
