import pytest
from planner_house import House


@pytest.fixture
def make_house():
    """A function that opens a house; it is closed at the end."""
    made = []

    def make(**given) -> House:
        made.append(House(**given))
        return made[-1]

    yield make
    for house in made:
        house.running.cancel()
