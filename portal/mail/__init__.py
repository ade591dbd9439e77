"""Messages to people: written in the transaction of what they tell, sent after it."""

from portal.mail.writing import write_mail

__all__ = ["write_mail"]
