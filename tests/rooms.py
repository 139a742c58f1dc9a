"""What the tests of a class share that need no browser: clients of the rooms' routes, behind the guard's door."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from playground.limits import Limits
from playground.ui.guard.door import Guard

CODE = "KDFG"


def client_of(desk, address="10.0.0.1") -> TestClient:
    """A client of a desk's routes, at an address."""
    app = Starlette(routes=desk.routes(), middleware=[Middleware(Guard, limits=Limits())])
    return TestClient(app, client=(address, 5000))


def asked(client, act, code=CODE, /, **what):
    """What is answered to who asks for something in a room."""
    return client.post(f"/room/{code}/{act}", json=what)
