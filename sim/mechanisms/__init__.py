"""Rules: each turns this morning's state into tonight's.  One file each; the order is the day's."""

from __future__ import annotations

from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.bombardment import Bombardment
from sim.mechanisms.control import Control
from sim.mechanisms.convoys import Convoys
from sim.mechanisms.deals import Deals
from sim.mechanisms.engagement import Engagement
from sim.mechanisms.movement import Movement
from sim.mechanisms.people import People
from sim.mechanisms.policing import Policing
from sim.mechanisms.rules import carry_out
from sim.mechanisms.siege import Siege
from sim.mechanisms.supply import Supply

__all__ = ["Mechanism", "World", "carry_out", "every_mechanism"]


def every_mechanism() -> tuple[Mechanism, ...]:
    """The mechanisms of a day, in their order."""
    return (
        Supply(),
        Movement(),
        Convoys(),
        Bombardment(),
        Engagement(),
        Siege(),
        Deals(),
        Policing(),
        People(),
        Control(),
    )
