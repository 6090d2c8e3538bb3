"""The worker: opens waves that are due, sends due mail, forgets what was kept long enough."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from types import FrameType

import structlog
from sqlmodel import col, delete

from app import clock
from app.edge.faults import described
from app.mail.delivery import Delivered, Delivery
from app.mail.transports import transport
from app.settings import Settings
from app.storage.database import Database
from app.storage.outages import is_outage
from app.worker.sweeping import sweep
from surveys.anonymity import participation
from surveys.fieldwork import outbox, waves
from surveys.tables import RememberedRequest

POLL_SECONDS = 2.0
TROUBLE_SECONDS = 30.0
CHORES_EVERY = timedelta(seconds=10)
REMEMBER = timedelta(hours=24)

log = structlog.get_logger()


class Worker:
    """The recurring work of one process. Any number may run at once: every piece of work is claimed, or harmless twice.

    Raises MailSettingWrong where SOUNDINGS_MAIL cannot be used.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        now: Callable[[], datetime] = clock.now,
        batch: int = outbox.BATCH,
        lease: timedelta = outbox.LEASE,
        chores_every: timedelta = CHORES_EVERY,
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._now = now
        self._secrets = settings.secrets
        self._transport = transport(settings.mail)
        self._delivery = Delivery(database, settings, self._transport, now, batch=batch, lease=lease)
        self._on_turn = on_turn
        self._chores_every = chores_every.total_seconds()
        # Seconds of the machine's own count: the clock may be set back, and waves must go on opening.
        self._chores_due = monotonic()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def run(self, *, once: bool = False) -> Delivered:
        """Work until stopped; `once`: until nothing is due, or the mail server takes nothing. Gives the counts."""
        total = Delivered()
        while not self._stopping.is_set():
            self._on_turn()
            self._guarded(self._do_chores, once=once)
            result = self._guarded(lambda: self._delivery.deliver(self._stopping.is_set), once=once)
            if result is not None:
                _add(total, result)
            if result is None or result.trouble:
                self._transport.close()
                if once:
                    break
                self._wake.wait(TROUBLE_SECONDS if result else POLL_SECONDS)
                self._wake.clear()
        self._transport.close()
        return total

    def _guarded(self, work: Callable[[], Delivered | None], *, once: bool) -> Delivered | None:
        """What `work` gives; a fault is logged, and tried again later, unless this is the only turn."""
        try:
            return work()
        except Exception as error:
            if once:
                raise
            if is_outage(error):
                self._database.outages.note(error)
            else:
                log.error("worker goes on after a fault", **described(error))
            return Delivered(trouble=type(error).__name__)

    def start(self) -> None:
        """Work on a thread of this process until `close`."""
        self._thread = threading.Thread(target=self.run, name="worker")
        self._thread.start()

    def wake(self) -> None:
        """Look for work of every kind now instead of at the next turn."""
        self._chores_due = monotonic()
        self._wake.set()

    def stop(self) -> None:
        """Finish and record the mail on its way, hand the rest of the batch back, and end `run`."""
        self._stopping.set()
        self._wake.set()

    def close(self) -> None:
        """Stop, and wait until the thread has ended."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _do_chores(self) -> None:
        if monotonic() < self._chores_due:
            return
        self._chores_due = monotonic() + self._chores_every
        now = self._now()
        with self._database.writing() as session:
            session.exec(delete(RememberedRequest).where(col(RememberedRequest.created_at) < now - REMEMBER))
        while not self._stopping.is_set() and (self._close_wave(now) or self._open_wave(now)):
            pass
        with self._database.writing() as session:
            participation.count_due(session, now)
        sweep(self._database, now)

    def _close_wave(self, now: datetime) -> bool:
        """Close one wave whose time is over, in a transaction of its own; False where none is."""
        with self._database.writing() as session:
            return waves.close_due(session, now, self._secrets) is not None

    def _open_wave(self, now: datetime) -> bool:
        """Issue the invitations of one wave that is due, in a transaction of its own; False where none is."""
        with self._database.writing() as session:
            return waves.open_due(session, now, self._secrets) is not None


def _add(total: Delivered, batch: Delivered) -> None:
    total.sent += batch.sent
    total.refused += batch.refused
    total.trouble = batch.trouble
    if batch.sent or batch.refused or batch.trouble:
        log.info("mail", sent=batch.sent, refused=batch.refused, trouble=batch.trouble)


def work(database: Database, settings: Settings, *, once: bool = False, alive: Path | None = None) -> Delivered:
    """Run a worker in this process until SIGTERM or SIGINT; `once`: until nothing is due. Gives the counts.

    It touches the file `alive` at every turn, so that a health check can tell that it has not stopped.
    """
    worker = Worker(database, settings, on_turn=alive.touch if alive else lambda: None)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    # The handler must not meet a lock that its own thread holds, so the work runs on another one.
    with ThreadPoolExecutor(1, thread_name_prefix="worker") as thread:
        return thread.submit(worker.run, once=once).result()
