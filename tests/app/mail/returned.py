"""Mails that come back, as servers send them."""


def report(original: str, fields: str, kind: str = "delivery-status", whole: bool = True) -> bytes:
    """A report as servers send it: words, fields, and the mail (or its header) that came back."""
    returned = "message/rfc822" if whole else "text/rfc822-headers"
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: survey@fjord.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\r\n--b\r\nContent-Type: message/{kind}\r\n\r\n{fields}\r\n"
        f"--b\r\nContent-Type: {returned}\r\n\r\n{original}\r\n\r\n--b--\r\n"
    ).encode()


def failed(status: str, action: str = "failed", address: str = "forwarded@elsewhere.example") -> str:
    """The fields of a report about one recipient."""
    return (
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
    )
