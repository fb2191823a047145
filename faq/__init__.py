"""The desk: the city's published catalogue, a search that understands Chinese, and the judgement to be silent.

``terms``, ``index``, ``phrasings`` and ``judgement`` think (values in, values out); ``models``, ``library``
and ``desk`` do.
"""
