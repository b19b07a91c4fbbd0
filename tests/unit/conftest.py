"""Unit tests cannot reach the network."""

import pytest
from pytest_socket import disable_socket


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    disable_socket(allow_unix_socket=True)
