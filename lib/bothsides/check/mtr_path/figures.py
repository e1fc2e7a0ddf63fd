"""The figures of check_mtr_path, in the order of the performance data."""

from bothsides.plugin.finding import Figure

FIGURES = (
    Figure("rta", "s", "mean round-trip time of echo requests to the target"),
    Figure("pl", "%", "echo requests to the target without a reply", 0.0, 100.0),
    Figure("rtmax", "s", "longest round-trip time"),
    Figure("rtmin", "s", "shortest round-trip time"),
    Figure("hops", "", "hops to the target, or to the last hop that answers"),
    Figure("as_hops", "", "networks on the path, where an owner is known"),
    Figure("flows", "", "flows that answered"),
    Figure("flows_changed", "", "flows that left the normal path"),
    Figure("path_changed", "", "1 when the path is not the normal one", 0.0, 1.0),
    Figure("path_age", "s", "time since the last change of the path"),
    Figure("known_paths", "", "known paths to this target"),
    Figure("switches_24h", "", "confirmed changes of path in the last 24 hours"),
    Figure("balanced_hops", "", "hops at which several routers share the load"),
    Figure("silent_hops", "", "hops on the way that did not answer"),
    Figure("diverge_hop", "", "first hop that differs from the normal path; 0: none"),
    Figure("reached", "", "1 when the target answered", 0.0, 1.0),
    Figure("probes", "", "packets sent"),
)
