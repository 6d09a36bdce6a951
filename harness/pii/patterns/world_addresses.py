"""Street addresses in the manner of eastern Europe, Asia and Latin America: what names the street, and its number."""

from harness.pii.patterns.localities import tail_end
from harness.pii.patterns.rules import Rule, pattern, word_set

_UNITS = r"(?:[,\s]*(?:bl|sc|ap|et|apt|кв|корп|стр|оф|під|kat|daire|d|no|nr|piso|dpto|depto|interior|int|edif|puerta|bloco|bl)\.?\s*:?\s*[\w/-]{1,6})*"

_FUNCTION = word_set(
    "the and or for with is are was you i it we my your to from at on in of un una con para por que y e et le me"
)

WORLD_ADDRESS_RULES = (
    Rule(
        entity="LOCATION",
        why="address in the Japanese manner",
        # Japanese, in Latin letters.
        pattern=pattern(
            r"(?<!\w)\d{1,3}(?:-\d{1,3}){1,2},?\s+[^\W\d_][\w-]*(?:,?\s+[^\W\d_][\w-]*){0,2}-(?:ku|shi|cho|machi|gun|ken|fu)(?!\w)(?:,?\s+[^\W\d_][\w-]*){0,2}(?:,?\s+\d{3}-\d{4})?"
        ),
        score=0.85,
        digits=2,
        words=word_set("ku shi cho machi gun ken fu"),
    ),
    Rule(
        entity="LOCATION",
        why="address in the Russian or Ukrainian manner",
        # Russian and Ukrainian.
        pattern=pattern(
            rf"(?<!\w)(?:ул|улица|пр|пр-т|просп|проспект|пер|переулок|бул|бульвар|ш|шоссе|наб|набережная|пл|площадь|парк|вул|вулиця|провулок|площа|набережна)\.?\s+[^,\d\n]{{2,40}},?\s*(?:д|дом|буд|будинок)?\.?\s*\d{{1,4}}(?:/\d+)?[а-я]?(?!\w){_UNITS}"
        ),
        extend=tail_end,
        score=0.85,
        digits=1,
        words=word_set(
            "ул улица пр просп проспект пер переулок бул бульвар ш шоссе наб набережная пл площадь парк вул вулиця провулок площа набережна"
        ),
    ),
    Rule(
        entity="LOCATION",
        why="street with its kind behind its name, and a number",
        # Hungarian, Slovenian, Croatian, Turkish, Greek: the kind of street stands behind its name.
        pattern=pattern(
            rf"(?<!\w)(?:(?!(?:on|at|in|to|the|is|from|enter|via|and|of|refers)\b)[^\W\d_][\w.'’-]*\s+){{1,3}}(?:utca|útja|út|tér|tere|körút|köz|sor|ulica|ulice|cesta|pot|trg|steza|sokak|sokağı|sok\.|caddesi|cad\.|bulvarı|blv\.|mahallesi|mah\.)\s*(?:no\s?[:.]?\s*)?\d{{1,4}}\.?(?:/\d+)?[a-z]?(?!\w){_UNITS}"
        ),
        extend=tail_end,
        score=0.8,
        digits=1,
        words=word_set(
            "utca útja út tér tere körút köz sor ulica ulice cesta pot trg steza sokak sokağı sok caddesi cad bulvarı blv mahallesi mah"
        ),
        accepts=lambda value, _before, _after: (
            "pot" not in value.lower().split() or any(ord(c) > 127 or c.isupper() for c in value)
        ),
    ),
    Rule(
        entity="LOCATION",
        why="street with its kind before its name, and a number",
        # The kind of street stands before its name: Greek, Romanian, Indonesian, Vietnamese, Latin America, India.
        pattern=pattern(
            rf"(?<!\w)(?:οδός|οδ\.|λεωφ\.|λεωφόρος|πλατεία|πάρ\.|strada|str\.|bulevardul|bd\.|bdul|aleea|calea|șoseaua|soseaua|intrarea|drumul|jalan|jl\.?|gang|gg\.?|lorong|đường|phố|ngõ|số|calle|avenida|av\.|carrera|cra\.?|diagonal|transversal|pasaje|prolongación|ampliación|privada|quadra|travessa|contrada|chemin|block)\s+[^\n!?]{{2,45}}?\s*,?\s*(?:no?\.?|nr\.?|n[º°]|\#|lot)?\s*\d{{1,5}}(?:\s?-\s?\d{{1,4}})?[a-z]?(?!\w){_UNITS}"
        ),
        extend=tail_end,
        score=0.75,
        digits=1,
        words=word_set(
            "οδός οδ λεωφ λεωφόρος πλατεία πάρ strada str bulevardul bdul aleea calea șoseaua soseaua intrarea drumul jalan jl gang gg lorong đường phố ngõ calle carrera cra"
            " diagonal transversal pasaje prolongación ampliación privada quadra travessa contrada chemin"
        ),
        accepts=lambda value, _before, _after: not any(word in _FUNCTION for word in value.lower().split()),
    ),
    Rule(
        entity="LOCATION",
        why="address in Chinese, Japanese or Korean",
        # Chinese and Japanese; Korean.
        pattern=pattern(
            r"[\u3400-\u9fff]{1,20}(?:路|街|道|巷|弄|丁目|町|區|区|市|县|縣|村)[\u3400-\u9fffA-Za-z0-9〇一-十-]{0,14}?(?:\d{1,5}(?:-\d{1,4}){0,2}(?:號|号|番地|番|室|楼|樓|座|栋|棟)?|[A-Za-z]座)(?:[\u3400-\u9fff\d-]{0,12}(?:室|楼|樓|號|号))?"
            r"|(?:[가-힣]{2,8}(?:도|시|군|구|읍|면)\s?){0,4}[가-힣\d]{1,12}(?:로|길|동)\s?\d{1,4}(?:-\d{1,4})?(?:\s?\([가-힣]+\))?"
        ),
        score=0.85,
        needs=lambda facts: (
            not facts.text.isascii() and any("\u3400" <= c <= "\u9fff" or "가" <= c <= "힣" for c in facts.text)
        ),
    ),
    Rule(
        entity="LOCATION",
        why="address in the Thai or Vietnamese manner",
        pattern=pattern(
            r"(?<!\w)\d{1,5}(?:/\d{1,5}){0,3}\s+(?:หมู่|ถนน|ถ\.|ซอย|đường|phố|nguyễn|trần|lê|phạm)[^\n,!?]{0,40}"
        ),
        score=0.8,
        digits=1,
        needs=lambda facts: not facts.text.isascii(),
    ),
)
