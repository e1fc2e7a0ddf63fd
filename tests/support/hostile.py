"""Evidence that somebody wrote to harm the page, the text or their reader."""

from bothsides.model.evidence import OwnTrouble, PathEvidence
from bothsides.model.report import Kept
from bothsides.model.whose_fault import NamedOwner
from tests.support.evidence import OUT, trace
from tests.support.reports import lossy

SCRIPT = "</script><script>alert('1')</script><img src=\"http://192.0.2.66/x\" onerror=alert(2)>"
CONTROLS = "\x00\x01\x1b]0;title\x07\x1b[31m\r\n\t\x7f\x85\u202e\u2028\ufffe\udcff"
LONG = "x" * 1_000_000


def hostile(text: str) -> Kept:
    """The lossy case with a text wherever evidence has one."""
    kept = lossy()
    run = kept.run
    documents = []
    for document in run.documents:
        host = {"C": text}.get(document.host, document.host)
        documents.append(document._replace(host=host, troubles=(OwnTrouble("local", text),)))
    owners = tuple(owner._replace(label=text) for owner in run.owners)
    run = run._replace(documents=tuple(documents), owners=owners, troubles=(text,))
    return kept._replace(run=run, ticket=text, version=text)


def megabyte_of_hops() -> Kept:
    """Traces of 255 hops with two routers of very long names each."""
    hops = tuple(
        hop._replace(ttl=ttl, host=f"{ttl}-{flow}-{'h' * 1600}", flow=flow)
        for ttl in range(1, 256)
        for flow in range(2)
        for hop in trace(OUT).hops[:1]
    )
    kept = lossy()

    def worse(path: PathEvidence | None) -> PathEvidence | None:
        return None if path is None else path._replace(hops=hops, length=255)

    documents = tuple(
        document._replace(
            peers=tuple(
                peer._replace(now=peer.now._replace(path=worse(peer.now.path)))
                for peer in document.peers
            )
        )
        for document in kept.run.documents
    )
    owners = (*kept.run.owners, *(NamedOwner(f"192.0.2.{n}", "N" * 500, 0, "isp", True)
                                  for n in range(200)))  # fmt: skip
    return kept._replace(run=kept.run._replace(documents=documents, owners=owners))
