"""The figures are those of the analysis, in the order that graphs rely on."""

from bothsides.analyse.path.path_figures import PathFigures
from bothsides.check.mtr_path.figures import FIGURES


def test_every_figure_is_one_of_the_analysis() -> None:
    assert [figure.label for figure in FIGURES] == [
        *("rta", "pl", "rtmax", "rtmin", "hops", "as_hops", "flows", "flows_changed"),
        *("path_changed", "path_age", "known_paths", "switches_24h", "balanced_hops"),
        *("silent_hops", "diverge_hop", "reached", "probes"),
    ]
    assert {figure.label for figure in FIGURES} == set(PathFigures._fields)
