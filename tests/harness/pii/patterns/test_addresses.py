"""Street addresses are found in the manners of many countries, with all that belongs to them."""

import pytest

from harness.pii.detector import Detector
from tests.harness.pii.marked import is_gone, marked_lines

STREETS = """
I live at [[5231 saltmarsh court]]
i live at [[7095 1st rd]]
[[1113 6th Avenue]]
[[89 south street]]
cab to [[240 Example Street]]
a cab for 3 to [[240 Quillfeather Street]]
at [[60 Furrow Street, Hatchley]]
send it to [[399 Quillfeather way New Dawnham AL 52807]]
[[6821 1st ave san mirado, ca 75227]]
[[369 quillan road, west kimbly, ca 69304]]
[[83 Port Lane, Port Jackdaw, NJ 83308]]
[[12 Saltmarsh Lane
Obuasi, NJ 89197]]
[[45 San Quillo Drive b200]]
[[3740 El Camino Verde]]
[[56-15 Northern Boulevard]]
[[400 Quill St Apt 12]]
[[400 Quill St #12]], please
[[29 East Quill Street 2nd Floor]]
[[4810 Highway 17 N]]
[[221 County Road 14]]
[[P.O. Box 175]]
[[po box 1755]]
[[Unit 1783 Box 3210
DPO AP 99855]]
[[PSC 7004, Box 8380
APO AP 11949]]
ich wohne [[Lange Straße 5, 12345 Berlin]]
[[Quillstr. 12a]], 2. Stock
[[Am Quillweg 7, 80331 München]]
[[12 rue de la Plume, 75002 Paris]]
[[4 bis avenue des Plumes 75017]]
vivo en [[Calle de Alcalá 45]]
[[C/ Pluma 7, 28013 Madrid]]
moro na [[Rua das Flores, 120]]
[[Via Roma 12, 00184 Roma]]
[[ul. Piórkowa 12/4]]
[[Kerkstraat 12, 1017 GC Amsterdam]]
[[Storgatan 12, 114 51 Stockholm]]
my zip code is [[89197]]
zip [[89197-1234]]
postcode [[cb30aq]]
postcode is [[CB1 2AS]]
send it to [[SW1A 1AA]]
[[sw1a 1aa]] is mine
postal code [[K1A 0B1]]
[[k1a0b1]]
plz [[80331]]
código postal [[28013]]
[[10 High Street, London SW1A 1AA]]
the pincode is [[560001]] and aadhar [[2345 6789 0124]]
i live at [[12 quillfeather st apt 4b, hatchley, tx 75001]]
home address [[77B Baker's Row, Hatchley HX1 2QP]]
send to [[Flat 3, 12 High Street, Hatchley]]
[[flat 3 12 high street]]
[[3/12 High Street]]
[[unit 5, 44-46 Harbour Rd]]
at [[1600 amphora pkwy]]
[[1 Quill Plaza]]
[[12 Old Mill Rd., Hatchley]]
[[12 St. Mary's Rd]]
pick me up at [[55 west 33rd st]]
take me to [[2000 N 14th St]]
drop at [[742 evergreen terrace]]
[[Hauptstr. 5, 10115 Berlin]]
[[Quillgasse 3/12, 1010 Wien]]
[[Rue du Moulin 12, 1000 Bruxelles]]
[[12, rue des Lilas 69003 Lyon]]
[[Av. Paulista, 1578 - São Paulo, 01310-200]]
[[Calle Mayor 5, 3º B, 28013 Madrid]]
[[Via Garibaldi 4, 20121 Milano]]
[[Plac Piórowy 3, 00-001 Warszawa]]
[[Vasagatan 5]]
[[Nygade 12, 8000 Aarhus]]
[[Quillkatu 5 A 3]]
[[1-2-3 Shibuya, Shibuya-ku, Tokyo 150-0002]]
coordinates [[40.7128° N, 74.0060° W]]
loc: [[-33.8688,151.2093]]
"""


@pytest.mark.parametrize("line", marked_lines(STREETS))
def test_an_address_goes_whole(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)


@pytest.mark.parametrize(
    "street",
    [
        "one twenty three main street",
        "twenty-one larch close",
        "one hundred and four mill lane",
        "Forty Two Oak Avenue",
    ],
)
def test_a_house_number_may_be_said(street: str) -> None:
    text = f"it is {street}"
    (span,) = Detector("strict").find(text)
    assert (text[span.start : span.end], span.entity) == (street, "LOCATION")


@pytest.mark.parametrize(
    "text",
    ["a one way street", "two main roads", "three high street banks", "one close friend", "a twenty five minute drive"],
)
def test_counted_things_are_no_streets(text: str) -> None:
    assert not Detector("strict").find(text)
