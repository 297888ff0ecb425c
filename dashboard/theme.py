"""The look of the dashboard, as options of Streamlit: one light theme, whatever the system prefers.

The map's colours are told apart, by colour-blind eyes too, on paper white; a dark page would change
what they look like beside it, so there is none.  Fonts are those that Streamlit brings along.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

ICON: Final = Path(__file__).parent / "assets" / "icon.png"
STYLE: Final = Path(__file__).parent / "assets" / "app.css"  # what options cannot say

INK: Final = "#101418"  # text; dark enough that captions, 60 % of it, have 4.7 to 1 on a panel
PAPER: Final = "#FFFFFF"  # behind the text
PANEL: Final = "#F4F5F7"  # side bar, inputs, code
LINE: Final = "#D3D7DC"  # borders
ACCENT: Final = "#1F4E79"  # what can be pressed; 8.6 to 1 on paper, 7.9 on a panel

# For charts of no faction in particular.  The factions have their own colours, from the scenario.
SERIES: Final = (ACCENT, "#B5532A", "#257F76", "#8A4FA3", "#7A7A2E", "#5B6570")

OPTIONS: Final[dict[str, str | bool | list[str] | list[int]]] = {
    "theme.base": "light",
    "theme.primaryColor": ACCENT,
    "theme.backgroundColor": PAPER,
    "theme.secondaryBackgroundColor": PANEL,
    "theme.textColor": INK,
    "theme.linkColor": ACCENT,
    "theme.linkUnderline": True,  # not by its colour alone
    "theme.borderColor": LINE,
    "theme.showWidgetBorder": True,
    "theme.baseRadius": "small",
    "theme.paddingTop": "1rem",
    "theme.font": "sans-serif",
    "theme.headingFontSizes": ["1.9rem", "1.45rem", "1.2rem", "1.05rem", "1rem", "1rem"],
    "theme.headingFontWeights": [650, 650, 600, 600, 600, 600],
    "theme.metricValueFontSize": "1.5rem",
    "theme.chartCategoricalColors": list(SERIES),
    "theme.sidebar.backgroundColor": PANEL,
    "theme.sidebar.secondaryBackgroundColor": PAPER,
    "theme.sidebar.borderColor": LINE,
}
