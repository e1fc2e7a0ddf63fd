"""A laboratory of labelled faults: worlds as tables, their networks in namespaces, and a strict reader.

`table` holds the words in which a world is written, `worlds/` the worlds, `routing` what follows from
their ways, `build` makes the network, `harms` and `faults` the catalogue, `trial` runs the checks
through one fault, `score` reads their words.
"""
