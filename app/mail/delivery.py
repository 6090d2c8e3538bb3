"""Delivery: one batch of due mails is claimed, handed over outside any transaction, and recorded."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from app.edge.faults import described
from app.mail.compose import Ask, compose
from app.mail.handover import MailRefused, ServerTrouble, Transport, sender_of
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.facts import Malformed
from surveys.fieldwork import outbox
from surveys.fieldwork.mails import Mail, message_id

RECORD_EVERY = 20  # as many mails at most go out twice when the process is killed

log = structlog.get_logger()


@dataclass(slots=True)
class Delivered:
    """How a batch went: `sent` and `refused` count mails, `trouble` says why the rest was put off."""

    sent: int = 0
    refused: int = 0
    trouble: str | None = None


class Delivery:
    """Hands the due mails of every organisation over to one transport. Raises MailSettingWrong."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        transport: Transport,
        now: Callable[[], datetime],
        *,
        batch: int = outbox.BATCH,
        lease: timedelta = outbox.LEASE,
    ) -> None:
        self._database = database
        self._settings = settings
        self._secrets = settings.secrets
        self._host = urlsplit(settings.base_url).hostname or "localhost"
        self._sender = sender_of(settings.mail_from)
        self._transport = transport
        self._now = now
        self._batch = batch
        self._lease = lease

    def deliver(self, stopping: Callable[[], bool] = lambda: False) -> Delivered | None:
        """Send one batch; None where nothing is due. What `stopping` or the lease leaves no time for is handed back."""
        with self._database.writing() as session:
            claimed = outbox.claim(session, self._now(), self._secrets, limit=self._batch, lease=self._lease)
        if claimed is None:
            return None
        result = Delivered()
        sent: list[tuple[Mail, datetime]] = []
        for position, mail in enumerate(claimed):
            # Half of the lease is kept for the mail on its way: a slow server must not let two workers hold one mail.
            if stopping() or self._now() >= mail.leased_until - self._lease / 2:
                self._hand_back(claimed[position:])
                break
            try:
                self.send(mail)
            except MailRefused as refused:
                result.refused += 1
                self._record_refused(mail, refused)
            except ServerTrouble as trouble:
                result.trouble = str(trouble)
                self._put_off(mail, claimed[position + 1 :], str(trouble))
                break
            else:
                sent.append((mail, self._now()))
            if len(sent) >= RECORD_EVERY:
                result.sent += self._record_sent(sent)
        result.sent += self._record_sent(sent)
        return result

    def send(self, mail: Mail) -> None:
        """Compose one mail and hand it over; nothing is recorded. Raises MailRefused or ServerTrouble."""
        try:
            content = compose(self._ask(mail))
        except Malformed as fact:
            # Names and addresses stay as they are; the sender is a setting, which may be put right before the next try.
            raise MailRefused(str(fact), permanent=fact.field != "From") from fact
        except Exception as error:
            # One mail that cannot be written must not keep the others from going out.
            log.error("mail not composed", invitation=str(mail.invitation_id), **described(error))
            raise MailRefused(f"the mail could not be composed ({type(error).__name__})", permanent=False) from error
        self._transport.send(content, sender=self._sender, recipient=mail.email)

    def _ask(self, mail: Mail) -> Ask:
        key = (mail.organisation_id, mail.invitation_id)
        return Ask(
            organisation=mail.organisation_name,
            sender=self._settings.mail_from,
            base_url=self._settings.base_url,
            answer_token=links.sign(self._secrets[0], "answer", *key),
            unsubscribe_token=links.sign(self._secrets[0], "unsubscribe", *key),
            name=mail.name,
            email=mail.email,
            locale=mail.locale,
            question=mail.wording.text,
            low=mail.wording.low,
            high=mail.wording.high,
            question_count=mail.question_count,
            answer_minutes=mail.answer_minutes,
            touchpoint=mail.touchpoint,
            expires_at=mail.expires_at,
            time_zone=mail.time_zone,
            now=self._now(),
            reminder=mail.number > 0,
            anonymous=mail.anonymous,
            address=mail.address,
            message_id=message_id(*key, mail.number, self._host),
        )

    def _record_sent(self, sent: list[tuple[Mail, datetime]]) -> int:
        """Record what was handed over and empty the list."""
        with self._database.writing() as session:
            outbox.record_sent(session, sent)
        count = len(sent)
        sent.clear()
        return count

    def _record_refused(self, mail: Mail, refused: MailRefused) -> None:
        with self._database.writing() as session:
            outbox.record_refused(session, mail, refused.reply, self._now(), permanent=refused.permanent)
            if refused.address_dead:
                outbox.record_dead_address(session, mail, self._now())

    def _put_off(self, tried: Mail, rest: list[Mail], reply: str) -> None:
        """The server takes nothing: a try counts for the mail that met it, the others wait without one."""
        now = self._now()
        with self._database.writing() as session:
            outbox.record_refused(session, tried, reply, now, permanent=False)
            later = now + outbox.back_off(1, random.random())  # noqa: S311 - spreads load
            outbox.hand_back(session, [tried, *rest] if tried.alike else rest, later, reply)

    def _hand_back(self, untried: list[Mail]) -> None:
        with self._database.writing() as session:
            outbox.hand_back(session, untried, self._now())
