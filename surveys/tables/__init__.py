"""The data dictionary: every table, what a row means and who may read it."""

from sqlmodel import SQLModel

from surveys.tables.anonymity import AnonymousComment, AnonymousScore, Ballot, WaveParticipant, WaveStatement
from surveys.tables.answering import Answer, Baseline, Cell, MonthTally, MonthTurnout, Response, Tally, Turnout
from surveys.tables.asking import Invitation, Wave
from surveys.tables.contacts import Contact, Interaction
from surveys.tables.open_pages import OpenPage
from surveys.tables.organisations import ApiKey, Organisation, RememberedRequest, Touchpoint, Unit
from surveys.tables.publishing import Publication
from surveys.tables.questionnaires import Question, Survey
from surveys.tables.sign_ins import SignIn

metadata = SQLModel.metadata

__all__ = [
    "AnonymousComment",
    "AnonymousScore",
    "Answer",
    "ApiKey",
    "Ballot",
    "Baseline",
    "Cell",
    "Contact",
    "Interaction",
    "Invitation",
    "MonthTally",
    "MonthTurnout",
    "OpenPage",
    "Organisation",
    "Publication",
    "Question",
    "RememberedRequest",
    "Response",
    "SignIn",
    "Survey",
    "Tally",
    "Touchpoint",
    "Turnout",
    "Unit",
    "Wave",
    "WaveParticipant",
    "WaveStatement",
    "metadata",
]
