import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError

pytestmark = pytest.mark.django_db
User = get_user_model()


def test_an_address_is_one_person_whatever_its_case():
    User.objects.create_user("ada@example.com", name="Ada")
    with pytest.raises(IntegrityError):
        User.objects.create_user("Ada@Example.com", name="Ada again")
