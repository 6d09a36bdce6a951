"""Addresses of machines, links with credentials and places on a map are found."""

import pytest

from tests.harness.pii.marked import is_gone, marked_lines

MACHINES = """
from [[203.0.113.7]] today
ip [[203.0.113.7]]:8080
my ip is [[203.0.113.7/24]]
[[203 dot 0 dot 113 dot 7]] is the ip
host [[2001:db8::8a2e:370:7334]]
[[2001:0db8:85a3:0000:0000:8a2e:0370:7334]]
[[fe80::1ff:fe23:4567:890a]]
mac [[00:1b:44:11:3a:b7]]
[[00-1B-44-11-3A-B7]]
[[001b.4411.3ab7]]
at [[https://u:secret@db.example/x]]
[[postgres://app:hunter2@db.example:5432/prod]]
see [[https://shop.example/reset?token=a8f7d6e5]]
[[https://shop.example/u?email=marit@mail.example]]
[[https://shop.example/orders/88231-A]]
[[linkedin.com/in/marit-okoro]]
my page is [[facebook.com/marit.okoro]]
I am at [[52.520008, 13.404954]]
[[52.520008,13.404954]]
[[40°26'46"N 79°58'56"W]]
[[geo:52.5200,13.4050]]
[[https://maps.google.com/?q=52.52,13.405]]
[[https://www.google.com/maps/place/52.52,13.40]]
lat [[52.520]] lon [[13.404]]
ip: [[10.12.13.14]]
server [[192.0.2.44]]:22
[[2001:db8::1]]
device mac [[AA-BB-CC-DD-EE-FF]]
"""


@pytest.mark.parametrize("line", marked_lines(MACHINES))
def test_an_address_of_a_machine_or_a_place_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)
