"""Other languages and other scripts, mixed with the product's own words."""

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy

_LEFT_TO_RIGHT: dict[str, str] = {
    "de": (
        "[Hallo, ich habe eine Frage zu „{topic}“: [wie funktioniert das genau|was muss ich dabei beachten|an wen wende ich mich]?"
        "|Guten Tag, mein Englisch ist nicht so gut. [Es geht um „{topic}“|Ich möchte „{do}“, so steht es bei Ihnen]. [Was muss ich tun|Können Sie mir das auf Deutsch erklären|Wie lange dauert das]?"
        "|Wo finde ich [bitte|denn|] „{topic}“ und was [kostet das|bedeutet das] für „{topic2}“?|[Moin|Servus|Hallo], bei mir klappt „{do}“ [seit gestern|seit dem Update|überhaupt] nicht. Was nun?"
        "|Sorry for my English. {ask}? [Bitte auf Deutsch antworten, danke.|Antwort gern auf Deutsch.|Danke im Voraus!]|Können Sie mir [kurz|einfach|Schritt für Schritt] erklären, was „{topic}“ mit „{topic2}“ zu tun hat?]"
    ),
    "es": (
        "[Hola, tengo una pregunta sobre «{topic}»: ¿[cómo funciona|qué tengo que hacer|con quién hablo]?|Buenas, no hablo bien inglés. Quiero «{do}», ¿[me pueden ayudar|cuánto tarda|qué necesito]?"
        "|¿Dónde encuentro «{topic}» y [cuánto cuesta|qué pasa con] «{topic2}»?|Desde [ayer|el lunes|esta mañana] no puedo «{do}». ¿[Qué hago|Es culpa mía|Qué me recomiendan]?"
        "|Sorry, my English is bad. {ask}? [Respondan en español, por favor.|En español si se puede, gracias.]|¿Me explica [paso a paso|en pocas palabras] qué tiene que ver «{topic}» con «{topic2}»?]"
    ),
    "fr": (
        "[Bonjour, j'ai une question sur « {topic} » : [comment ça marche|que dois-je faire|à qui m'adresser] ?|Bonsoir, je parle mal anglais. Je voudrais « {do} », [pouvez-vous m'aider|combien de temps faut-il|que me faut-il] ?"
        "|Où se trouve « {topic} » et [combien coûte|que devient] « {topic2} » ?|Depuis [hier|lundi|ce matin] je n'arrive plus à « {do} ». [Que faire|C'est normal|Une idée] ?"
        "|Sorry, my English is not good. {ask}? [Répondez en français s'il vous plaît.|En français si possible, merci.]|Expliquez-moi [en deux mots|pas à pas] le rapport entre « {topic} » et « {topic2} »]"
    ),
    "it": (
        "[Salve, ho una domanda su «{topic}»: [come funziona|cosa devo fare|a chi mi rivolgo]?|Buongiorno, il mio inglese è scarso. Vorrei «{do}», [mi potete aiutare|quanto ci vuole|cosa serve]?"
        "|Dove trovo «{topic}» e [quanto costa|che ne è di] «{topic2}»?|Da [ieri|lunedì|stamattina] non riesco più a «{do}». [Che faccio|È normale|Consigli]?|Sorry for my English. {ask}? [Rispondete in italiano, grazie.|In italiano per favore.]]"
    ),
    "pt": (
        "[Olá, tenho uma dúvida sobre «{topic}»: [como funciona|o que devo fazer|com quem falo]?|Bom dia, não falo bem inglês. Quero «{do}», [podem ajudar|quanto tempo leva|o que preciso]?"
        "|Onde encontro «{topic}» e [quanto custa|o que acontece com] «{topic2}»?|Desde [ontem|segunda|hoje cedo] não consigo «{do}». [O que faço|É normal|Alguma ideia]?|Sorry, bad English. {ask}? [Respondam em português, por favor.|Em português, obrigado.]]"
    ),
    "nl": (
        "[Hallo, ik heb een vraag over '{topic}': [hoe werkt dat|wat moet ik doen|bij wie moet ik zijn]?|Goedemiddag, mijn Engels is niet zo goed. Ik wil graag '{do}', [kunt u mij helpen|hoe lang duurt dat|wat heb ik nodig]?"
        "|Waar vind ik '{topic}' en [wat kost|hoe zit het met] '{topic2}'?|Sinds [gisteren|maandag|vanochtend] lukt '{do}' niet meer. [Wat nu|Ligt dat aan mij|Enig idee]?|Sorry for my English. {ask}? [Antwoord graag in het Nederlands.|In het Nederlands graag, bedankt.]]"
    ),
    "pl": (
        "[Dzień dobry, mam pytanie o „{topic}”: [jak to działa|co mam zrobić|do kogo się zwrócić]?|Cześć, słabo znam angielski. Chcę „{do}”, [proszę o pomoc|ile to trwa|czego potrzebuję]?"
        "|Gdzie znajdę „{topic}” i [ile kosztuje|co z] „{topic2}”?|Od [wczoraj|poniedziałku|rana] nie działa mi „{do}”. [Co teraz|Czy to normalne]?]"
    ),
    "tr": (
        "[Merhaba, “{topic}” hakkında bir sorum var: [nasıl çalışıyor|ne yapmam gerekiyor|kime sorabilirim]?|İyi günler, İngilizcem iyi değil. “{do}” istiyorum, [yardımcı olur musunuz|ne kadar sürer|ne lazım]?"
        "|“{topic}” nerede ve “{topic2}” [ne kadar|ne olacak]?|[Dünden|Pazartesiden|Bu sabahtan] beri “{do}” olmuyor. [Ne yapayım|Bu normal mi]?]"
    ),
    "sv": (
        "[Hej, jag har en fråga om ”{topic}”: [hur fungerar det|vad ska jag göra|vem frågar jag]?|God dag, min engelska är inte så bra. Jag vill ”{do}”, [kan ni hjälpa mig|hur lång tid tar det|vad behöver jag]?"
        "|Var hittar jag ”{topic}” och [vad kostar|hur är det med] ”{topic2}”?|Sedan [igår|i måndags|i morse] går det inte att ”{do}”. [Vad gör jag nu|Är det normalt]?]"
    ),
    "ru": (
        "[Здравствуйте, у меня вопрос про «{topic}»: [как это работает|что мне делать|к кому обратиться]?|Добрый день, я плохо говорю по-английски. Хочу «{do}», [поможете|сколько это займёт|что для этого нужно]?"
        "|Где найти «{topic}» и [сколько стоит|что будет с] «{topic2}»?|Со [вчерашнего дня|вторника] не получается «{do}». [Что делать|Это нормально]?]"
    ),
    "zh": "[你好，关于“{topic}”我有个问题：[怎么用|要准备什么|找谁处理]？|我的英语不好。我想“{do}”，[能帮我吗|需要多久|要多少钱]？|“{topic}”在哪里看？“{topic2}”[多少钱|怎么办]？|从[昨天|今天早上|星期一]开始“{do}”一直不行，[怎么办|正常吗]？]",
    "ja": "[こんにちは。「{topic}」について[教えてください|質問があります|困っています]。[どうすればいいですか|いくらかかりますか|誰に聞けばいいですか]？|英語が苦手です。「{do}」をしたいのですが、[手伝ってもらえますか|どのくらい時間がかかりますか]？|[昨日|今朝|月曜日]から「{do}」ができません。[どうしたらいいですか|普通ですか]？]",
}  # fmt: skip

_RIGHT_TO_LEFT: dict[str, str] = {
    "ar": (
        "[مرحبا، عندي سؤال عن {topic}: [كيف يعمل|ماذا أفعل|من أسأل]؟|السلام عليكم، سؤالي عن {topic} لكن [لا أعرف كيف|لغتي الإنجليزية ضعيفة|الموقع لا يعمل]. [هل يمكنكم مساعدتي|كم يستغرق ذلك|ماذا أحتاج]؟"
        "|أين أجد {topic} و[كم يكلف|ماذا عن] {topic2}؟|منذ [أمس|يوم الاثنين|هذا الصباح] عندي مشكلة مع {topic}. [ما الحل|هل هذا طبيعي]؟|لو سمحت، اشرح لي [باختصار|خطوة بخطوة] الفرق بين {topic} و {topic2} (رقم {code})]"
    ),
    "he": (
        "[שלום, יש לי שאלה לגבי {topic}: [איך זה עובד|מה עליי לעשות|למי לפנות]?|היי, זה לגבי {topic} אבל [לא יודע איך|האנגלית שלי חלשה|האתר לא עובד]. [אפשר עזרה|כמה זמן זה לוקח|מה צריך]?"
        "|איפה מוצאים {topic} ו[כמה עולה|מה עם] {topic2}?|מאז [אתמול|יום שני|הבוקר] יש בעיה עם {topic}. [מה עושים|זה תקין]?|תסבירו לי [בקצרה|צעד אחר צעד] מה ההבדל בין {topic} לבין {topic2} (מספר {code})]"
    ),
}  # fmt: skip

_OWN_LANGUAGE = 0.9
"""How often a persona that does not write English writes its own language here."""


@strategy(
    share=2,
    brief="written in another language than the product's, or half and half",
    styled=False,
    checks={"may_refuse": True},
)
def other_language(scene: Scene) -> Draft:
    """Writes in another language and uses the product's own words."""
    own = scene.language in _LEFT_TO_RIGHT and scene.chance(_OWN_LANGUAGE)
    language = scene.language if own else scene.rng.choice(tuple(_LEFT_TO_RIGHT))
    return scene.draft(scene.fill(_LEFT_TO_RIGHT[language]), language=language)


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
