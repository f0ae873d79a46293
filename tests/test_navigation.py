"""The menu, the palette and the sheet of shortcuts: drawn once for all who have the same, and for nobody else."""

import pytest
from django.urls import reverse

from slaproject import navigation
from tests.leads.people import browser, make_office

pytestmark = pytest.mark.django_db
IN_THE_QUEUE, ENTERS, OVERSEES = "In the queue", "Enter a new lead", "Messages"


@pytest.fixture
def office():
    return make_office()


def opened(user, name="account"):
    return browser(user).get(reverse(name)).text


@pytest.mark.parametrize("turn", [1, -1], ids=["rep first", "administrator first"])
def test_nobody_gets_the_frame_of_somebody_else(office, turn):
    navigation._drawn.cache_clear()
    said = {
        office.kim: (True, False, False),
        office.marketer: (False, True, False),
        office.admin: (True, True, True),
    }
    for user, wanted in [*said.items()][::turn] * 2:
        text = opened(user)
        assert tuple(word in text for word in (IN_THE_QUEUE, ENTERS, OVERSEES)) == wanted, user


def test_equal_frames_are_drawn_once(office):
    navigation._drawn.cache_clear()
    opened(office.kim)
    drawn = navigation._drawn.cache_info().misses
    assert drawn == 2  # the menu, and the dialogs
    opened(office.rob)
    assert navigation._drawn.cache_info().misses == drawn


def test_the_menu_says_where_one_is(office):
    assert 'aria-current="page"' in opened(office.kim, "leads:queue")
    assert 'aria-current="page"' not in opened(office.kim)


def test_who_switched_the_keys_off_reads_so(office):
    assert "They do nothing while you type." in opened(office.kim)
    office.kim.uses_shortcuts = False
    office.kim.save()
    assert "Keys of one letter are switched off for you." in opened(office.kim)
