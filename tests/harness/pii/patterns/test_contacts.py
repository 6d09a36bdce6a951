"""E-mail addresses, handles and user names are found as people write, disguise and dictate them."""

import pytest

from harness.pii.detector import Detector
from tests.harness.pii.marked import is_gone, marked_lines

ADDRESSES_AND_NAMES = """
write to [[marit.okoro@mail.example]] please
MY EMAIL IS [[MARIT.OKORO@MAIL.EXAMPLE]]
email [[jörg.müller@büro.example]] thx
it's [[marit_okoro+shop@mail.co.uk]]
[[o'brien.t@mail.example]] is mine
mail me: [[quill77@posteo.example]].
send it to <[[quill77@posteo.example]]>, ok?
its [[marit.okoro @ mail.example]]
[[marit.okoro@ mail . example]]
[[marit.okoro
@mail.example]] is the address
so it is [[marit.okoro@mail.
com]] right
it is [[marit dot okoro at mail dot example]]
[[marit dot okoro at gmail dot com]]
[[marit.okoro at mail dot com]]
[[marit okoro 88 at gmail dot com]] is my email
reach me under [[marit[at]mail[dot]com]]
[[marit (at) mail (dot) com]]
[[marit{at}mail.com]]
[[marit AT mail DOT org]]
[[marit underscore okoro at mail dot com]]
[[marit dash okoro dash 7 at mail dot co dot uk]]
[[marit.okoro@gmail]]
[[marit.okoro at gmail]]
email is [[maritokoro7 at hotmail com]]
[[marit punkt okoro at gmx punkt de]]
[[marit Punkt okoro Klammeraffe gmx Punkt de]]
mi correo es [[marit arroba correo punto es]]
mi correo es [[marit punto okoro arroba gmail punto com]]
mon adresse: [[marit point okoro arobase mail point fr]]
il mio indirizzo è [[marit chiocciola posta punto it]]
o meu e-mail é [[marit ponto okoro arroba mail ponto pt]]
mijn mail is [[marit punt okoro apenstaartje mail punt nl]]
[[m a r i t at mail dot com]]
it's spelt [[m-a-r-i-t@mail.com]]
my gmail is [[quillfeather.m@gmail.com]], but i cannot open it
ping [[@marit_o]] about it
i am [[@marit.okoro]] on insta
my username is [[quillfeather]]
user: [[quillfeather7]]
login [[quill_feather]]
username [[moko77]]
Benutzername: [[mokoro]]
mi usuario es [[maritok]]
my skype is [[live.maritok]]
telegram: [[maritok]]
discord handle is [[moko#4821]]
write me: [[tom(dot)quill(at)mail(dot)com]]
[[tom.quill<at>mail.com]]
[[tom.quill (a) mail.com]]
[[tom.quill@mail,com]]
[[tom.quill@mail .com]]
[[tom quill at mail dot com]] works
e-mail is [[tomquill at yahoo dot co dot in]]
[[tom_quill@mail.com]]/[[tom2@mail.com]]
emailed from [[TOM.QUILL@MAIL.COM]].
[[t.quill@sub.mail-server.co.uk]]?
tom's mail is [[quill dot tom at outlook]]
login is [[tquill]]
log in name: [[tquill_9]]
userid=[[tq9981]]
user id is [[44021]]
"""


@pytest.mark.parametrize("line", marked_lines(ADDRESSES_AND_NAMES))
def test_an_address_or_a_user_name_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)


def test_turkish_et_is_the_sign_before_a_spoken_host() -> None:
    spans = Detector("strict").find("ottoline et larch nokta com")
    assert [span.entity for span in spans] == ["EMAIL_ADDRESS"]
    assert not Detector("strict").find("le chat et marie point com")
