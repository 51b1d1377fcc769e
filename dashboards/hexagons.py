"""The hexagon map: one hexagon a council, laid out from its column and row. Pure."""

from dataclasses import dataclass
from math import sqrt

WIDTH = sqrt(3)
# The corners of a hexagon of side 1 that stands on a point, drawn a hair smaller so that edges show.
CORNERS = [(0, -1), (WIDTH / 2, -0.5), (WIDTH / 2, 0.5), (0, 1), (-WIDTH / 2, 0.5), (-WIDTH / 2, -0.5)]


@dataclass(frozen=True)
class Hexagon:
    """One council's place on the map, in sides of a hexagon, from the top left."""

    x: float
    y: float
    subject: object

    @property
    def points(self):
        return " ".join(f"{self.x + x * 0.96:.2f},{self.y + y * 0.96:.2f}" for x, y in CORNERS)


@dataclass(frozen=True)
class HexMap:
    hexagons: list
    width: float
    height: float

    @property
    def view_box(self):
        return f"0 0 {self.width:.2f} {self.height:.2f}"


def hex_map(placed):
    """Lay out `placed`, (column, row, subject) in odd-r order with rows counted from the bottom.

    Returns a HexMap, or None where nothing has a place.
    """
    placed = [(q, r, subject) for q, r, subject in placed if q is not None and r is not None]
    if not placed:
        return None
    centres = [(WIDTH * (q + 0.5 * (r % 2)), -1.5 * r, subject) for q, r, subject in placed]
    left = min(x for x, _, _ in centres) - WIDTH / 2
    top = min(y for _, y, _ in centres) - 1
    hexagons = [Hexagon(round(x - left, 2), round(y - top, 2), subject) for x, y, subject in centres]
    return HexMap(
        sorted(hexagons, key=lambda h: (h.y, h.x)),
        max(h.x for h in hexagons) + WIDTH / 2,
        max(h.y for h in hexagons) + 1,
    )
