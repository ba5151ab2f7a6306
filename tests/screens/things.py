"""What the modules of the pictured realm share: who and what is in it, and where its pages are."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

NOW = timezone.now()
OWNER, STAFF, LEARNER, CAREFUL = (
    "mira@harbour.example",
    "staff@cloud.example",
    "ada@harbour.example",
    "iko@harbour.example",
)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
PEOPLE = (
    ("ada@harbour.example", "Ada", "Lovelace"),
    ("grace@harbour.example", "Grace", "Hopper"),
    ("alan@harbour.example", "Alan", "Turing"),
    ("katherine@harbour.example", "Katherine", "Johnson"),
    ("tim@harbour.example", "Tim", "Berners-Lee"),
    ("sofja@harbour.example", "Sofja", "Kowalewskaja"),
    ("srinivasa@harbour.example", "Srinivasa", "Ramanujan"),
    ("9f1c7b52-51a4-4f6e-a0b9-4be2f8a1c5d7", "Emmy", "Noether"),
    ("chien-shiung@harbour.example", "Chien-Shiung", "Wu"),
    ("lise@harbour.example", "Lise", "Meitner"),
    (
        "maximilian-alexander.von-und-zu-hohenstein-wolkenberg@personalentwicklung.harbour.example",
        "Maximilian Alexander",
        "von und zu Hohenstein-Wolkenberg",
    ),
    ("tu@harbour.example", "Tu", "Youyou"),
)
SUBJECTS = (
    "Fire safety in the warehouse",
    "Handling of dangerous goods",
    "First aid at sea",
    "Code of conduct",
    "Data privacy",
    "Forklift driving licence",
    "Welcome on board",
    "Signals and lights",
    "Knots and lashings",
    "Working at height",
    "Cyber security for everyone",
    "Customs declarations",
    "Cold chain",
    "Crane operation: theory",
    "Environmental management according to ISO 14001, with the amendments of 2024 and the new annex on climate change",
    f"Ladungssicherung für die {LONG}",
)


@dataclass
class Page:
    """Where a page is and who opens it. `name` names its pictures."""

    name: str
    path: str
    who: str
    origin: str = "console"
    route: str = ""


@dataclass
class House:
    """The realm and what its pages are about."""

    things: dict[str, object] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)
    more: list[Page] = field(default_factory=list)


def ago(days: float = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)
