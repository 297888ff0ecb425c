"""Charts: plain functions from a result to Vega-Lite specifications and the tables they draw.

A specification is a dict without data and without addresses to fetch; the table goes beside it:
`st.vega_lite_chart(table, specification)`.  Only `shown.py` knows Streamlit.
"""

from dashboard.charts.shown import fans, place

__all__ = ["fans", "place"]
