"""The dashboard: the map that plays, in a browser, without internet.

It imports only the public names of `sim` and holds no rules of the model.

    app.py      what Streamlit runs: the pages and what they share
    serve.py    starts the server on loopback (`badia dashboard`)
    page/       one file a page (a folder `pages` beside app.py means something else to Streamlit)
    address.py  the whole setting in the address bar
    runs/       ensembles in the background, kept and shared between viewers
    map/        the map component: what is sent, and the JavaScript that plays it
    charts/     plain functions from data to Vega-Lite charts
    texts/      every word that is shown, by language
"""
