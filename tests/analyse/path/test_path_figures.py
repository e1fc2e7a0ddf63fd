"""The figures of a path."""

from bothsides.analyse.path.path_figures import count_echoes
from bothsides.model.path import ECHO
from tests.support.sample_loss import OUT, analysed, losing


def test_echo_requests_that_expire_on_the_way_are_no_loss_of_the_target() -> None:
    run = losing(OUT, 4, 8)
    assert sum(each.flow == ECHO for each in run.segments) == 20 * 7
    echoes = count_echoes(run)
    assert (echoes.sent, echoes.lost, len(echoes.times)) == (40, 16, 12)
    figures = analysed(run).figures
    assert (figures.pl, figures.hops, figures.reached) == (40.0, 7, 1)
