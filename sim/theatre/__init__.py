"""The fixed map: cells, districts, names, rivers and roads."""

from sim.theatre.gazetteer import Gazetteer, Place
from sim.theatre.invented import grid
from sim.theatre.mesh import Mesh
from sim.theatre.syria import syria
from sim.theatre.theatre import District, Line, Theatre

__all__ = ["District", "Gazetteer", "Line", "Mesh", "Place", "Theatre", "grid", "syria"]
