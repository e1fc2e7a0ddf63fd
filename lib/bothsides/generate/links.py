"""Links of a host or a service in the monitoring system: to notes and to graphs."""

from bothsides.generate.services import Service
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Server
from bothsides.inventory.url_template import filled


def links(mesh: Mesh, server: Server, service: Service | None = None) -> list[tuple[str, str]]:
    """notes_url and action_url where the server has them, for itself or for one of its services.

    `server` is the host at which the service stands.
    """
    if not server.notes_url and not server.action_url:
        return []
    values = {
        "host": server.monitor,
        "name": server.name,
        "datacenter": server.datacenter,
        "provider": server.provider,
    }
    if service:
        places = {mesh.servers[name].datacenter for name in service.peers}
        values |= {
            "service": service.name,
            "topic": service.topic,
            "peer": service.peers[0] if len(service.peers) == 1 else "all",
            "peer_datacenter": min(places) if len(places) == 1 else "all",
        }
    made = {"notes_url": server.notes_url, "action_url": server.action_url}
    filled_in = ((key, filled(template, values)) for key, template in made.items())
    return [(key, url) for key, url in filled_in if url]
