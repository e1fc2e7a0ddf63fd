"""Other programs' configuration, made from the landscape and written as trees of files.

First `services` says what every host runs, then each product's module makes files of that, and
`tree` compares them with the disk and writes them:

    run = services(mesh)
    plan = compare(nrpe.files(mesh, run), directory, source="mesh.toml", folders=["nrpe"])
    write(plan)
"""
