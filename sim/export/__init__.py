"""Results for other eyes and other tools: tables, GIS, a picture, a film.

To add a kind: a file here, and one line in `EXPORTERS`.
"""

from sim.export.base import EXPORTERS, Exporter, export

__all__ = ["EXPORTERS", "Exporter", "export"]
