"""Account, order and ticket numbers, and secrets, are found by the words around them or by their look."""

import pytest

from tests.harness.pii.marked import is_gone, marked_lines

REFERENCES = """
order [[8263622629]]
order number 12345 is [[8263622]]
order number [[12345]]
my order id is [[3953-447-204]]
Order: [[AB 12 34]]
Order ID: [[5191787802]]
booking ref [[ABX4TZ]]
booking ref [[ABXQTZ]]
booking reference is [[QXJKWT]]
case [[#44-123]]
case #[[44123]]
my confirmation is [[QXJ-2231]]
[[cust_BK10G944]]
account id: [[cust_74519268]]
account id: [[c-52827b70]]
account id [[K542179F]]
account [[hd624890]]
the reference number is [[g7hh21]]
reference number is : [[8GA4UPDF]]
ref [[BHPQW1D2]].
ticket [[AB-99128-X]] was closed
ticket [[#8812]]
ticket no. [[8812]]
invoice [[2024-00817]]
invoice [[INV/2024/00817]]
Rechnung [[RE-2024-00817]]
Kundennummer [[4471882]]
Kundennr. [[44718]]
Vorgangsnummer: [[VG 88 12 77]]
Bestellnummer [[302-1234567-1234567]]
número de pedido [[88123]]
mi pedido es el [[8812377]]
numéro de commande : [[8812377]]
numero d'ordine [[8812377]]
encomenda [[88123]]
policy number [[PX-77-1234]]
membership [[7712 3456 88]]
customer id is [[77123]]
member no [[77123]]
tracking number [[1Z999AA10123456784]]
parcel [[RR123456789GB]]
tracking [[9400111899223197428490]]
frequent flyer [[LH992233445]]
patient id [[P-77123]]
student number [[s1234567]]
employee id [[E77123]]
[[550e8400-e29b-41d4-a716-446655440000]]
[[2597297790]]
[[4890 761 408]]
[[marit332]]
[[MARITO332]]
[[jdevries72]]
[[sxfgxjb4gq]]
[[pgz982hh]] is it
[[ACH13K1E65]]
[[C-5954C401]]
its [[7733-211-90]]
i got [[7H3K9Q]] from you
claim [[CLM-0099231]]
transaction [[TX99231A77]]
PNR [[LZ4RTY]]
serial [[SN8812377]]
ticket number is [[8812]], sent yesterday
the booking number was [[771]]
my id: [[771234]]
yeah sure its [[9930 22 1187]] thanks a lot
can you check order no [[#A1-22331]] pls
orderid [[99381]]
order#[[99381]]
ord [[#99381-B]]
my conf # is [[99HX21]]
confirmation no. [[88-11-22]]
the ref is [[QWE/99/112]]
tkt [[098-2119930021]]
train booking id [[MKV-112233]]
my zip is [[oh two one three nine]]
ID:[[tq9981]]
id [[tq-9981]]
my student id is [[20201234]]
the last four numbers are [[9981]]
serial no. [[C02XG2JHJG5J]]
s/n [[5CD9281XYZ]]
track [[JD0002231122334455]]
fedex [[7712 3344 5566]]
dhl [[1234567890]]
policy [[HX-22-1199-A]]
claim number is [[22-1199]]
member id [[W1234 56789]]
insurance id [[XYZ123456789]]
group no [[00123]]
mrn [[0099112]]
case id: [[00X-11-22]]
crm [[SR-0009912]]
contract [[4500099812]]
meter number [[K07 D 09912]]
"""

SECRETS = """
my password is [[hunter2]]
my password is [[swordfish]]
pw: [[Tr0ub4dor&3]]
password: [[correct-horse9]]
Passwort ist [[Sonne!77]]
mi contraseña es [[luna2020]]
mot de passe: [[soleil77]]
pin [[4432]]
my pin is [[4432]]
PIN: [[443 221]]
otp [[482913]]
the code is [[482913]]
verification code: [[482913]]
your code [[48-29-13]] expired
[[hunter22]] is my password
key [[AKIAABCDEFGHIJKLMNOP]]
[[ghp_abcdefghijklmnopqrstuvwxyz0123456789]]
[[xoxb-123456789012-abcdefghijkl]]
[[sk_live_4eC39HqLyjWDarjtT1zdp7dc]]
[[sk-ant-api03-abcdefghijklmnop1234567890]]
[[sk-proj-abcdefghijklmnop1234567890]]
[[AIzaSyA1234567890abcdefghijklmnopqrstuv]]
[[eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-x]]
Authorization: Bearer [[abc123def456ghi789jkl]]
api key: [[9f8e7d6c5b4a39281706]]
token=[[Zm9vYmFyYmF6cXV4MTIz]]
[[Server=db.example;Database=x;User Id=sa;Password=hunter2;]]
wallet [[0x52908400098527886E0F7030069857D2E4169EE7]]
btc [[1BoatSLRHtKNngkdXEeobR76b53LETtpyT]]
[[bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq]]
pin [[one two three four]]
token [[a8f7d6e5c4b3a291]]
secret [[9sKdfj20sKdj3Kd0]]
password:[[Blue$Moon1]]
the wifi password is [[quill-house]]
pwd [[abc123]]
passcode [[0912]]
door code is [[4412#]]
otp is [[99 31 22]]
code: [[G-993122]]
"""


@pytest.mark.parametrize("line", marked_lines(REFERENCES))
def test_a_reference_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)


@pytest.mark.parametrize("line", marked_lines(SECRETS))
def test_a_secret_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)
