"""A day: the rules, one after the other, in one call.

Each call of compiled code gives Python's lock away and takes it again, and threads that do so every
tenth of a millisecond wait for each other more than they work.
"""

from __future__ import annotations

from sim.kernels.bombardment import bombard
from sim.kernels.compiler import kernel
from sim.kernels.control import change_hands
from sim.kernels.convoys import convoy
from sim.kernels.deals import deal
from sim.kernels.engagement import fight
from sim.kernels.front import draw
from sim.kernels.movement import flow
from sim.kernels.people import displace, persuade, settle
from sim.kernels.policing import chill, police
from sim.kernels.siege import starve
from sim.kernels.supply import deliver, feed, reach_out


@kernel
def day(
    doing, today, shift, state, mesh, factions, parameters, picture, draws, facts, deliveries,
    moves, bombardments, offers, arrests, chills, leaflets,
):  # fmt: skip
    """Carry out some of the rules of a day, for all runs.

    doing       `sim.mechanisms.rules.Doing`: which
    today       the day's number
    shift       from `ways.bucket_width`
    state, mesh, factions, picture   bundles; see `sim.bundle`
    parameters  (R,)  records
    draws       `sim.mechanisms.rules.Draws`
    facts       `sim.mechanisms.facts.Facts`
    deliveries, bombardments, arrests, chills, leaflets   `sim.mechanisms.events.Campaigns`
    moves, offers   `sim.mechanisms.events.Moves` and `Offers`
    """
    key, quality = factions.key, factions.quality
    if doing.supply:
        reach_out(state, mesh, shift, facts, parameters)
        feed(state, mesh, parameters)
        deliver(state, mesh, deliveries)
    if doing.movement:
        flow(state, mesh, shift, key, parameters, picture, draws.movement)
    if doing.convoys:
        convoy(state, mesh, parameters, draws.convoys, draws.sizes, today, moves)
    if doing.bombardment:
        bombard(state, mesh, key, parameters, draws.bombardment, bombardments)
    if doing.engagement:
        draw(state, mesh, quality, parameters, True, picture)  # fighters have moved since morning
        fight(state, mesh, key, parameters, picture, draws.engagement, today)
    if doing.siege:
        starve(state, mesh, factions, parameters, picture, draws.siege, today)
    if doing.deals:
        deal(state, mesh, facts, factions, parameters, draws.deals, today, offers)
    if doing.policing:
        police(state, mesh, facts, key, parameters, draws.arrests, draws.raids, arrests)
        chill(state, mesh, parameters, chills)
    if doing.people:
        displace(state, mesh, facts, parameters, draws.displacement)
        persuade(state, mesh, parameters, leaflets)
        settle(state, mesh, facts, key, parameters, draws.support, draws.cohesion)
    if doing.control:
        change_hands(state, mesh, key, parameters, picture, draws.control, today)
