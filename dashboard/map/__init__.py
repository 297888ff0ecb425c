"""The map that plays: what is sent to the browser, and the component that shows it.

What is sent:

    layers.py     what the cells show day by day: most likely holder, one faction, one run
    markers.py    events and reports at their places and days
    places.py     towns in the order in which they deserve a name
    ground.py     what stands still: outlines of the cells, borders, rivers, roads
    gzipped.py    one stream from parts, so that what stands still is deflated once
    blob.py       all of it in one packet

What shows it: component.py and the modules of `frontend/`.
"""
