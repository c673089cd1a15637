"""A service written for Node, with the packages its lock names."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.interop.processes import running
from tooling import environment


@contextmanager
def running_party(script: Path, folder: Path, **settings: Any) -> Iterator[str]:
    """The service of `script`, with its settings; where it answers."""
    assert environment.is_node_ready(script.parent), "Node and its packages are not installed: type `make test`."
    found = environment.node_and_npm()
    assert found
    # Node looks for packages beside the file it runs.
    place = Path(shutil.copy(script, environment.node_folder(script.parent) / script.name))
    configuration = folder / f"{script.stem}-{settings['port']}.json"
    configuration.write_text(json.dumps(settings), encoding="utf-8")
    address = f"http://127.0.0.1:{settings['port']}"
    with running([found[0], str(place), str(configuration)], log=configuration.with_suffix(".log"), ready=address):
        yield address
