"""The landscape: one TOML file that says which hosts exist and who measures whom, read and checked.

    text --documents--> entries --values--> settings --servers, works--> Landscape --mesh--> pairs

Everything here is pure but `files`, which reads landscapes and keeps the maintenance flags. Broken
input raises `Faulty`, an `Unreadable` that holds all faults of all files, sorted by file and line.
"""
