"""A laboratory of labelled faults: worlds as tables, networks in namespaces, a strict reader.

`table` holds the records of a world, `worlds/` the worlds, `routing` what follows from their ways.
`build` makes the network, with `cable` and `far_ends`. `faults`, `catalogue` and `nuisances` list
what happens to it, `harms` makes it happen. `checks` runs the checks, `trial` all of them through
one fault, `score` reads their words.
"""
