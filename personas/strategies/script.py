"""Other languages and other scripts.

Users who change the language say the whole matter in it: no English phrase is
quoted in the middle. What they say is what users of any service say; a message
that keeps the product's own words is half English, as such messages are, and
right-to-left text may hold them as bare names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a language's messages are made of; each a list of alternatives."""

    hello: str
    service: str
    """Whole sentences about an account, a request or a fault."""
    light: str
    """Whole sentences to an assistant that looks things up, books or plays."""
    closing: str
    """Questions that fit any of them."""
    answer_in: str
    """Asks for an answer in the language, after a question in English."""


_LEFT_TO_RIGHT: dict[str, Tongue] = {
    "de": Tongue(
        "Hallo|Guten Tag|Moin|Servus|Guten Abend",
        "ich komme seit gestern nicht mehr in mein Konto.|ich habe mein Passwort vergessen.|mein Antrag hängt seit einer Woche fest.|ich habe zweimal bezahlt.|ich warte immer noch auf eine Antwort."
        "|ich möchte meine Adresse ändern.|ich möchte kündigen und finde nicht, wo.|die App stürzt nach dem Start ab.|ich brauche eine Bestätigung für die Steuer.",
        "ich suche etwas für heute Abend.|ich brauche für morgen eine Buchung für zwei Personen.|ich möchte meine Reservierung verschieben.|ich bin zum ersten Mal hier und kenne mich nicht aus."
        "|das von gestern hat mir gut gefallen, so etwas noch einmal bitte.|ich brauche etwas in der Nähe, nicht zu teuer.",
        "Was muss ich tun?|Können Sie mir helfen?|Wie lange dauert das?|Geht das auch am Handy?|Was kostet das?|An wen wende ich mich?",
        "Bitte auf Deutsch antworten, danke.|Antwort gern auf Deutsch.|Können Sie mir das auf Deutsch erklären?",
    ),
    "es": Tongue(
        "Hola|Buenos días|Buenas|Buenas tardes",
        "no puedo entrar en mi cuenta desde ayer.|he olvidado mi contraseña.|mi solicitud lleva una semana parada.|me han cobrado dos veces.|sigo esperando una respuesta.|quiero cambiar mi dirección."
        "|quiero darme de baja y no encuentro dónde.|la aplicación se cierra sola.|necesito un justificante.",
        "busco algo para esta noche.|necesito una reserva para dos personas mañana.|quiero cambiar mi reserva.|es mi primera vez aquí y no conozco nada.|lo de ayer me gustó mucho, otra cosa parecida por favor."
        "|necesito algo que esté cerca y no sea caro.",
        "¿Qué tengo que hacer?|¿Me pueden ayudar?|¿Cuánto tarda?|¿Se puede hacer desde el móvil?|¿Cuánto cuesta?|¿Con quién hablo?",
        "Respondan en español, por favor.|En español si se puede, gracias.|¿Me lo explica en español?",
    ),
    "fr": Tongue(
        "Bonjour|Bonsoir|Salut|Bonjour à vous",
        "je n'arrive plus à me connecter depuis hier.|j'ai oublié mon mot de passe.|ma demande est bloquée depuis une semaine.|j'ai été débité deux fois.|j'attends toujours une réponse."
        "|je voudrais changer mon adresse.|je veux résilier et je ne trouve pas où.|l'application se ferme toute seule.|il me faut une attestation.",
        "je cherche quelque chose pour ce soir.|il me faut une réservation pour deux demain.|je voudrais déplacer ma réservation.|c'est ma première fois ici et je ne connais rien."
        "|celui d'hier m'a beaucoup plu, la même chose s'il vous plaît.|je voudrais quelque chose de pas trop cher et pas trop loin.",
        "Que dois-je faire ?|Pouvez-vous m'aider ?|Combien de temps ça prend ?|C'est possible depuis le téléphone ?|Combien ça coûte ?|À qui m'adresser ?",
        "Répondez en français s'il vous plaît.|En français si possible, merci.|Vous pouvez m'expliquer ça en français ?",
    ),
    "it": Tongue(
        "Salve|Buongiorno|Ciao|Buonasera",
        "da ieri non riesco a entrare nel mio account.|ho dimenticato la password.|la mia richiesta è ferma da una settimana.|ho pagato due volte.|aspetto ancora una risposta.|vorrei cambiare il mio indirizzo."
        "|vorrei disdire e non trovo dove.|l'app si chiude da sola.|mi serve una ricevuta.",
        "cerco qualcosa per stasera.|mi serve una prenotazione per due persone domani.|vorrei spostare la mia prenotazione.|è la prima volta che vengo qui e non conosco niente.|quello di ieri mi è piaciuto, un altro simile per favore."
        "|vorrei qualcosa di non troppo caro e vicino.",
        "Cosa devo fare?|Mi potete aiutare?|Quanto ci vuole?|Si può fare dal telefono?|Quanto costa?|A chi mi rivolgo?",
        "Rispondete in italiano, grazie.|In italiano per favore.|Me lo spiegate in italiano?",
    ),
    "pt": Tongue(
        "Olá|Bom dia|Boa tarde|Oi",
        "não consigo entrar na minha conta desde ontem.|esqueci a minha senha.|o meu pedido está parado há uma semana.|fui cobrado duas vezes.|ainda estou à espera de uma resposta.|quero mudar o meu endereço."
        "|quero cancelar e não encontro onde.|o aplicativo fecha sozinho.|preciso de um comprovante.",
        "procuro alguma coisa para hoje à noite.|preciso de uma reserva para duas pessoas amanhã.|quero mudar a minha reserva.|é a minha primeira vez aqui e não conheço nada.|gostei muito do de ontem, quero outro parecido."
        "|quero uma coisa perto e não muito cara.",
        "O que devo fazer?|Podem me ajudar?|Quanto tempo leva?|Dá para fazer pelo telefone?|Quanto custa?|Com quem eu falo?",
        "Respondam em português, por favor.|Em português, obrigado.|Pode me explicar isso em português?",
    ),
    "nl": Tongue(
        "Hallo|Goedemiddag|Hoi|Goedenavond",
        "ik kan sinds gisteren niet meer inloggen.|ik ben mijn wachtwoord vergeten.|mijn aanvraag staat al een week stil.|ik heb twee keer betaald.|ik wacht nog steeds op een antwoord.|ik wil mijn adres wijzigen."
        "|ik wil opzeggen en kan het niet vinden.|de app sluit vanzelf af.|ik heb een bewijs nodig.",
        "ik zoek iets voor vanavond.|ik heb voor morgen een reservering voor twee nodig.|ik wil mijn reservering verzetten.|ik ben hier voor het eerst en ken niets.|die van gisteren was goed, graag nog zoiets."
        "|ik wil iets in de buurt dat niet te duur is.",
        "Wat moet ik doen?|Kunt u mij helpen?|Hoe lang duurt dat?|Kan dat ook op mijn telefoon?|Wat kost dat?|Bij wie moet ik zijn?",
        "Antwoord graag in het Nederlands.|In het Nederlands graag, bedankt.|Kunt u het in het Nederlands uitleggen?",
    ),
    "pl": Tongue(
        "Dzień dobry|Cześć|Witam",
        "od wczoraj nie mogę się zalogować.|nie pamiętam hasła, co mam zrobić.|mój wniosek stoi od tygodnia, nie wiem dlaczego.|zapłaciłem dwa razy i nie mam zwrotu.|nadal nie mam odpowiedzi.|chcę zmienić mój adres, proszę o pomoc."
        "|aplikacja sama się wyłącza, nie jest to wygodne.",
        "szukam czegoś na dziś wieczór, proszę o pomoc.|jutro potrzebuję rezerwacji na dwie osoby, jak to zrobić.|chcę zmienić moją rezerwację, proszę.|jestem tu pierwszy raz i nie znam miasta.",
        "Co mam zrobić?|Proszę o pomoc.|Ile to trwa?|Czy mogę to zrobić przez telefon?|Ile to kosztuje?",
        "Proszę o odpowiedź po polsku.|Czy mogę prosić po polsku?",
    ),
    "tr": Tongue(
        "Merhaba|İyi günler|Selam",
        "dünden beri hesabıma giremiyorum, neden bilmiyorum.|şifremi unuttum, ne yapmam lazım bilmiyorum.|başvurum bir haftadır bekliyor, bu normal mi?|benden iki kere para çekildi, neden?|hala cevap yok, ne zaman gelir?"
        "|adresimi değiştirmek için ne lazım?",
        "bu akşam için bir şey arıyorum, var mı?|yarın iki kişilik bir rezervasyon lazım, var mı?|rezervasyonumu bir gün sonraya almak için ne yapmam lazım?|burada ilk defa bulunuyorum ve bir yer bilmiyorum.",
        "Bu nasıl oluyor?|Bana yardım var mı?|Bu ne kadar sürer?|Bu telefondan olur mu?",
        "Lütfen bana Türkçe cevap verin, bu benim için daha kolay.|Türkçe bir cevap lütfen.",
    ),
    "sv": Tongue(
        "Hej|God dag|Hallå",
        "jag kan inte logga in sedan igår.|jag har glömt mitt lösenord.|mitt ärende har stått still i en vecka.|jag har betalat två gånger.|jag väntar fortfarande på ett svar.|jag vill ändra min adress.|appen stängs av sig själv, det är inte bra.",
        "jag letar efter något för ikväll.|jag behöver en bokning för två imorgon.|jag vill flytta min bokning.|det är första gången jag är här och jag hittar inte.|den igår var bra, jag vill ha en likadan.",
        "Vad ska jag göra?|Kan ni hjälpa mig?|Hur lång tid tar det?|Går det att göra i mobilen?|Vad kostar det?",
        "Svara gärna på svenska, tack.|Kan jag få det på svenska?",
    ),
    "ru": Tongue(
        "Здравствуйте|Добрый день|Привет",
        "со вчерашнего дня не могу войти в аккаунт.|я забыл пароль.|моя заявка стоит уже неделю.|с меня списали деньги два раза.|до сих пор нет ответа.|хочу поменять адрес.|приложение само закрывается.",
        "ищу что-нибудь на сегодня вечером.|нужна бронь на двоих на завтра.|хочу перенести бронь.|я здесь впервые и ничего не знаю.|вчерашнее очень понравилось, хочу ещё такое же.",
        "Что мне делать?|Можете помочь?|Сколько это займёт?|Можно это сделать с телефона?|Сколько это стоит?",
        "Ответьте, пожалуйста, по-русски: я плохо говорю по-английски и боюсь что-то не понять.|Напишите ответ на русском языке, пожалуйста, мне так будет гораздо проще понять.",
    ),
    "zh": Tongue(
        "你好|您好|早上好",
        "我从昨天开始登录不了账号。|我忘记密码了。|我的申请已经一个星期没有动静了。|我被扣了两次钱。|我一直没有收到回复。|我想修改地址。|应用一打开就闪退。",
        "我想找今天晚上的。|我需要明天两个人的预订。|我想改预订的时间。|我第一次来这里，什么都不熟。|昨天那个很好，再来一个差不多的。",
        "我该怎么办？|能帮我吗？|需要多久？|手机上可以办吗？|要多少钱？",
        "我的英语不太好，请你们用中文回答我，这样我才看得明白，非常感谢你们的帮助和耐心。",
    ),
    "ja": Tongue(
        "こんにちは|すみません|お世話になります",
        "昨日からログインできません。|パスワードを忘れました。|申し込みが一週間止まっています。|二回も請求されました。|まだ返事が来ません。|住所を変更したいです。|アプリがすぐに落ちます。",
        "今夜のおすすめを探しています。|明日二人で予約したいです。|予約の日を変えたいです。|ここは初めてで何もわかりません。|昨日のがとても良かったので、似たものをお願いします。",
        "どうすればいいですか？|手伝ってもらえますか？|どのくらいかかりますか？|スマホでもできますか？|いくらですか？",
        "英語が苦手なので、できれば日本語でわかりやすく答えてもらえると本当に助かります。よろしくお願いします。",
    ),
}  # fmt: skip

_RIGHT_TO_LEFT: dict[str, str] = {
    "ar": (
        "[مرحبا، عندي سؤال عن {topic}: [كيف يعمل|ماذا أفعل|من أسأل]؟|السلام عليكم، سؤالي عن {topic} لكن [لا أعرف كيف|لغتي الإنجليزية ضعيفة|الموقع لا يعمل]. [هل يمكنكم مساعدتي|كم يستغرق ذلك|ماذا أحتاج]؟"
        "|أين أجد [معلومات|شيئا] عن {topic}؟ و[ماذا|أيضا] عن {topic2}؟|منذ [أمس|يوم الاثنين|هذا الصباح] عندي مشكلة مع {topic}. [ما الحل|هل هذا طبيعي]؟|لو سمحت، اشرح لي [باختصار|خطوة بخطوة] الفرق بين {topic} و {topic2} (رقم {code})]"
    ),
    "he": (
        "[שלום, יש לי שאלה לגבי {topic}: [איך זה עובד|מה עליי לעשות|למי לפנות]?|היי, זה לגבי {topic} אבל [לא יודע איך|האנגלית שלי חלשה|האתר לא עובד]. [אפשר עזרה|כמה זמן זה לוקח|מה צריך]?"
        "|איפה מוצאים [מידע|משהו] על {topic}? [ומה|וגם מה] עם {topic2}?|מאז [אתמול|יום שני|הבוקר] יש בעיה עם {topic}. [מה עושים|זה תקין]?|תסבירו לי [בקצרה|צעד אחר צעד] מה ההבדל בין {topic} לבין {topic2} (מספר {code})]"
    ),
}  # fmt: skip

_OWN_LANGUAGE = 0.9
"""How often a persona that does not write English writes its own language here."""
_HALF_ENGLISH = 0.25
_NO_SPACES: Mapping[str, tuple[str, str]] = {"zh": ("，", ""), "ja": ("。", "")}
"""What stands after a greeting and between sentences where it is not a comma and a space."""


@strategy(
    share=2,
    brief="written in another language than the product's, or half and half",
    styled=False,
    checks={"may_refuse": True},
)
def other_language(scene: Scene) -> Draft:
    """Writes in another language, sometimes after a question in English."""
    own = scene.language in _LEFT_TO_RIGHT and scene.chance(_OWN_LANGUAGE)
    language = scene.language if own else scene.rng.choice(tuple(_LEFT_TO_RIGHT))
    tongue = _LEFT_TO_RIGHT[language]
    if not own and scene.chance(_HALF_ENGLISH):
        return scene.draft(
            scene.say(f"[Sorry for my English. |Sorry, my English is bad. |]{{ask}}? [{tongue.answer_in}]"),
            language=language,
        )
    comma, space = _NO_SPACES.get(language, (", ", " "))
    matter = tongue.light if scene.material.light else tongue.service
    return scene.draft(scene.fill(f"[{tongue.hello}]{comma}[{matter}]{space}[{tongue.closing}]"), language=language)


@strategy(
    share=1,
    brief="Arabic or Hebrew with Latin words and numbers in it, so that the direction changes",
    styled=False,
    by_model=False,
    checks={"may_refuse": True},
)
def right_to_left(scene: Scene) -> Draft:
    """Right-to-left text with left-to-right words in it, sometimes with explicit marks of direction."""
    language = scene.rng.choice(tuple(_RIGHT_TO_LEFT))
    text = scene.fill(_RIGHT_TO_LEFT[language])
    if scene.chance(0.3):
        text = f"\u202b{text}\u202c"
    return scene.draft(text, language=language)
