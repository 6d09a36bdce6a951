"""Telephone numbers are found in any grouping, in part, and in words."""

import pytest

from tests.harness.pii.marked import is_gone, marked_lines

NUMBERS = """
call [[+49 170 1234567]] now
call [[+44 7700 900123]]
call [[+1 (415) 555-0132]] today
call [[(415) 555-0132]]
[[415-555-0132]]
[[415.555.0132]] works
[[415 555 0132]]
[[4155550132]]
its [[555-0134]]
my number is [[555 0134]]
[[0049-171-2233445]]
[[0171/2233445]]
[[030 / 2233 4455]]
[[07700 900 123]]
[[06 12 34 56 78]] merci
[[0612345678]]
mi móvil es [[612 34 56 78]]
[[+34 612345678]]
meu celular é [[(11) 91234-5678]]
[[+55 11 91234 5678]]
[[020 7946 0958]]
odd one: [[(37) 788-063]]
it was [[26-32-37-50]]
call [[22 498317]]
[[9885 1152]]
[[+91 98765 43210]]
[[98765-43210]]
[[+81 3-1234-5678]]
[[+61 2 9249 7000]]
[[1-800-QUILLED]] did not answer
[[415-555-0132 ext. 88]]
[[415-555-0132 x88]]
[[(415)555-0132x8877]] mobile
tel.[[030-2233445]]
[[0171-2233445]]-Office
my mobile is [[0170 998]]
[[three one one eight one six four seven]]
[[oh seven seven double five one two three four]]
[[four one five, five five five, oh one three two]]
[[four one five five five five 0132]]
[[null eins sieben eins zwei zwei drei drei vier]]
[[seis uno dos tres cuatro cinco seis siete ocho]]
[[six four two five two one two six zero eight]]
my cell is [[0775 then 443 then 221]]
phone: [[0775, and 443, and 221]]
it ends in [[4432]]
my phone ends with [[4432]]
last four digits are [[4432]]
last 4: [[4432]]
the last three digits of my number are [[918]]
it starts with [[0775]]
text me at [[7700900123]]
WhatsApp [[+44-7700-900-123]] pls
fax [[030 2233-445]]
area code [[415]]
Handynummer [[0171 2233445]]
teléfono [[91 123 45 67]]
my mobile no. is [[98 86 11 22 33]]
mobile: [[+977-1-4261111]]
phone [[01 42 68 53 00]]
Tel: [[0711 / 12 34 56 - 78]]
tel [[08-123 456 78]]
phn [[7700 900 777]]
call me @ [[4155550177]]
ring [[01223 351 880]]
[[01223351880]] is the number
[[+1.415.555.0188]]
[[1 415 555 0188]]
[[(0)20 7946 0999]]
[[+44 (0)20 7946 0999]]
[[+44(0)2079460999]]
[[0 44 55 66 77 88]]
ph [[555.0199]]
my number's [[5 5 5 0 1 9 9]]
[[five five five - zero one nine nine]]
it's [[Oh one two two three, three five one, double eight oh]]
email:[[tom.quill@mail.com]];phone:[[4155550177]]
"""


@pytest.mark.parametrize("line", marked_lines(NUMBERS))
def test_a_telephone_number_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)
