"""Other programs' configuration, made from the landscape and written as trees of files.

files = [*nrpe.files(mesh), ...]          what the trees are to hold: pure
plan = tree.compare(files, directory)     what differs from the disk
tree.write(plan)                          each file at once or not at all
"""
