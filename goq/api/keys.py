"""Keys of users and nodes: the server is told that one counts, and whoever holds the cluster id makes its token.

No key ever travels.
"""

from goq.adapters.clusterid import require_cluster_id
from goq.adapters.token import Token
from goq.adapters.wire.keys import derive
from goq.api.client import Client
from goq.core.messages.keys import KeyDeed
from goq.core.values.ids import QueueId
from goq.core.values.who import Role, Who


def token_of(client: Client, role: Role, name: str, deed: KeyDeed) -> Token:
    """Let a user or a node have a key, or another one: its token, which is a secret.

    Raises BadSetting where the cluster id is not, and RequestRefused when the server says no.
    """
    config = client.config
    cluster_id = require_cluster_id(config)
    ack = client.set_key(role, name, deed)
    who = Who(role, name, ack.generation)
    address = config.address.rpartition("//")[2]
    queue = QueueId(bytes.fromhex(ack.queue))
    return Token(who, derive(cluster_id, who), address, config.tls_pem, queue)
