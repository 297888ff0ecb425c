"""The map that plays: what is sent to the browser, and the component that shows it.

layers.py     what the cells show day by day: most likely holder, one faction, one run
markers.py    events and reports at their places and days
ground.py     the part that never changes: outlines, borders, lines, words
places.py     towns in the order in which they deserve a name
blob.py       all of it in one packet of bytes
"""
