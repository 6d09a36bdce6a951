"""Ordinary asks: what most of the traffic is."""

import re

from personas.phrasebook import CHECK_VERBS, PAID_VERBS, SEARCH_VERBS, SHOW_VERBS
from personas.scene import Draft, Scene, word_stems
from personas.strategies.registry import strategy

LONG_CONVERSATION = 3.5
"""Messages per session from which a persona's users hold conversations."""


_PLAIN = (
    "[{hello}, |{hello}, |{hello}! |{sorry}, ||||||||][{ask}?|{ask}?|{ask}?|{ask}?|{about}?]"
    "[||||| {thanks}.| {thanks}!| {reason2}.| {hurry}.| I couldn't find it on the website.| I can't find that anywhere.]"
)
_WISH = (
    "[{hello}, |{hello}. |||||]{want}[. {closing}?|. {closing}?|, {closing}?|. {then}?|. {then}?|, but {hurry}. {closing}?|. {reason}, so {then}?|. {tried}. {closing}?"
    "|. {thanks}.|, {then}?|. {then}? {thanks}.]"
)
_TROUBLE = (
    "[{hello}, |{hello}. |{sorry}, |||||][{issue}[. {closing}?|. {closing}?| {when}. {closing}?| {when}, {closing}?|, {closing}?|. {tried}. {closing}?"
    "| and {hurry}. {closing}?|. {where} and {hurry}, {closing}?]|{trouble}[ and I don't know why. {closing}?|. why is that?|. is this normal?|. is that my fault or yours?]]"
)
_LIGHT = (
    "[{hello}, |{hello}! |{hello}. |||||][{ask}?|{ask}?|{want}{soon}.|{want}{soon}. {closing}?|{want}, can you help?|{want}{soon}, {closing}?|please help me {do}{soon}."
    "|I'm looking to {do}{soon}.][|||| {thanks}!| {reason}.| {reason}.| {where} right now.]"
)
_ABOUT = (
    "[{hello}, |||][I have a question about {mine}. {concern}?|it's about {mine}. {concern}?|{opener}?|{opener}? {thanks}.|{hello}, {opener}? {reason}."
    "|my {relative} says I can {do} here. {then}?]"
)


@strategy(share=30, brief="a plain, honest question or request of this persona")
def ordinary(scene: Scene) -> Draft:
    """A plain question."""
    if scene.material.light:
        return scene.draft(scene.say(_LIGHT))
    return scene.draft(scene.say(f"[{_PLAIN}|{_PLAIN}|{_WISH}|{_WISH}|{_TROUBLE}|{_TROUBLE}|{_ABOUT}]"))


@strategy(share=4, brief="a few keywords without grammar, as typed into a search box")
def fragment(scene: Scene) -> Draft:
    """Keywords, no sentence."""
    return scene.draft(
        scene.fill(
            "[{do}|{do}|{do}][| how| how to| online| today| steps| urgent| help| please|, how long|, cost?|?| ??]"
            if scene.material.light or scene.chance(0.6)
            else "[{topic} [how|help|where|problem|??|info|status|not working|how long|who to contact|question]|[help|problem|issue|question] {topic}[| please| urgent]"
            "|{topic} [missing|gone|wrong]?|need help with {topic}[| asap| please| today]|{topic} - {do}?|{mine}[?|??| help| please check]]"
        )
    )


Topics = tuple[tuple[str, tuple[str, ...]], ...]
"""What a later message may ask, by a pattern that says what it is about: no conversation asks about the same twice."""

_OF_A_QUESTION: Topics = (
    ("how long|quick", ("and how long does that take?", "ok, and is there a quicker way?")),
    ("cost|fee|free", ("ok, and what does it cost?", "is there a fee for that?")),
    ("need", ("what do I need to have ready for that?", "do you need anything from me?")),
    ("can I|day", ("can I also do it on {day}?", "does that work at the weekend too?")),
    ("work", ("and if that doesn't work?", "I did that already and it still doesn't work.")),
    ("where|menu", ("where exactly do I find that?", "I don't see that option, where is it?")),
    ("{relative}|for me", ("can my {relative} do that for me?", "can you do that for me from here?")),
    ("confirm", ("do I get a confirmation for that?", "will I get an e-mail about it?")),
)
_OF_A_TROUBLE: Topics = (
    ("how long", ("how long will that take?", "and when will it be fixed?")),
    ("need", ("ok. what do you need from me?", "which details do you need?")),
    ("work|tried", ("I did that already and it's still the same.", "and if that doesn't help?")),
    ("see", ("can you see what went wrong?", "can you see it on your side?")),
    ("call", ("do I have to call somebody?", "is there somebody I can talk to?")),
    ("for me", ("can you do that for me from here?", "can't you fix it from your side?")),
    ("again|happen", ("and how do I make sure it doesn't happen again?", "will that happen again?")),
)
_OF_A_BOOKING: Topics = (
    ("cost|how much|price|cheap", ("do you have anything cheaper?", "how much is that in total?")),
    ("else|another|other", ("can you show me another one?", "what else do you have?")),
    ("{later}|sorry", ("make that {later} instead, please.", "sorry, I meant {later}.")),
    ("cancel|refund", ("can I cancel it later?", "what if I have to cancel?")),
    ("details|confirm", ("can you send me the details?", "do I get a confirmation?")),
)
_OF_A_SEARCH: Topics = (
    ("else|another|other", ("can you show me another one?", "hmm, not that one. what else is there?")),
    (
        "which|would you|first|second",
        ("which one would you take?", "which one is the best?", "the second one sounds good.", "I like the first one."),
    ),
    ("details|more about", ("can you give me the details?", "can you tell me more about it?")),
)
_OF_A_SHOW: Topics = (
    ("else|another|other", ("what else do you have?", "not that one, another one please.")),
    ("loud|quiet", ("a bit louder please.", "not so loud please.")),
    ("stop|pause", ("can you pause that?", "how do I pause it?")),
)
_OF_A_CHECK: Topics = (
    ("sure|up to date", ("are you sure about that?", "is that up to date?")),
    ("again", ("can you say that again?", "sorry, say that again please.")),
    ("remind|message", ("can you remind me of that {later}?", "can you send me that as a message?")),
)
_OF_AN_ERRAND: Topics = (
    ("sure|right", ("are you sure that's right?", "is that the right one?")),
    ("done|work", ("did that work?", "is it done?")),
    ("need", ("do you need anything else from me?", "what else do you need to know?")),
    ("wait", ("wait, not that one.", "wait, I'm not sure yet.")),
)
_SERVICE_LAST = (
    "[ok {thanks}. one more thing: {ask3}?|sorry, can you say that again in short?|perfect, {thanks}.|wait, which step comes first?|and who do I contact if it goes wrong?"
    "|ok {thanks}, I'll try that.|I tried that just now, it looks different for me|ok. I also need to {do3}.|alright, {thanks}. that's all.|hm, I'm not sure I understood that]"
)
_LIGHT_LAST = (
    "[perfect, {thanks}.|great, that's all, {thanks}.|thanks! I also want to {do2}.|no, that's all, {thanks}.|good, {thanks}.|ok, {thanks}. after that I'd like to {do2}."
    "|hm ok, I'll try again later.]"
)
_CHOICE_LAST = (
    "[yes, please do that.|actually, can we go back to the first one?|ok, I'll think about it. {thanks}!|ok, that works for me. {thanks}!|perfect, I'll take it.|great, that's all, {thanks}."
    "|ok, {thanks}. after that I'd like to {do2}.]"
)


@strategy(share=12, brief="a conversation of two to four messages whose later messages build on the earlier ones")
def follow_up(scene: Scene) -> Draft:
    """A conversation that stays on its subject, about as long as the persona's are."""
    light = scene.material.light
    trouble = not light and scene.chance(0.35)
    opening = scene.say(_LIGHT if light else _TROUBLE if trouble else f"[{_PLAIN}|{_WISH}]")
    longest = 2 + scene.chance(0.6) + (scene.manner.turns > LONG_CONVERSATION) * scene.rng.randint(0, 2)
    topics = _OF_A_TROUBLE if trouble else _of_a_wish(scene.verb_of()) if light else _OF_A_QUESTION
    later = _later(scene, opening, topics, longest - 2 + (longest == 2))
    last = _SERVICE_LAST if not light else _CHOICE_LAST if topics in (_OF_A_BOOKING, _OF_A_SEARCH) else _LIGHT_LAST
    turns = (opening, *later, *([scene.say(last)] if longest > 2 else []))
    return scene.draft(*turns)


def _of_a_wish(verb: str) -> Topics:
    for verbs, topics in (
        (PAID_VERBS, _OF_A_BOOKING),
        (SEARCH_VERBS, _OF_A_SEARCH),
        (SHOW_VERBS, _OF_A_SHOW),
        (CHECK_VERBS, _OF_A_CHECK),
    ):
        if verb in verbs:
            return topics
    return _OF_AN_ERRAND


def _later(scene: Scene, opening: str, topics: Topics, count: int) -> list[str]:
    """Return later messages: what users asked after such an opening, then what anybody asks, nothing twice."""
    said = opening.lower()
    messages: list[str] = []
    asked = [f"[{{thanks}}. |ok, |and |||]{text}?" for text in scene.nexts()]
    own = [scene.rng.choice(texts) for pattern, texts in topics if not re.search(pattern, said)]
    scene.rng.shuffle(own)
    patterns = [pattern for pattern, _ in topics]
    for template in [*asked[: count if scene.chance(0.7) else 0], *own]:
        message = scene.say(template)
        words = word_stems(message)
        twice = any(re.search(pattern, said) and re.search(pattern, message.lower()) for pattern in patterns)
        if len(messages) < count and not twice and not any(words & word_stems(other) for other in messages):
            messages.append(message)
            said += f" {message.lower()}"
    return messages


_IN_ONE_GO = "can I {do} and {do2} [in one go?|[today|at the same time|together], or does that need two requests?]"


@strategy(share=5, brief="several unrelated requests in one message, partly without punctuation")
def several_intents(scene: Scene) -> Draft:
    """Two or three wishes at once."""
    return scene.draft(
        scene.say(
            "[{want}, and {ask2}?|two things: 1) {ask} 2) {ask2}|{want} and also {do2}. {closing}?|{ask}? also, {issue2}.|first, {ask}. and second, {ask2}?"
            "|{hello}, a few questions at once: {ask}? {ask2}? {thanks}|{issue}, plus I need to {do2}. {closing}?|{both}|{ask}? and {ask2}? {hurry}."
            "|{want}. oh and {ask2}?|{ask}? and while I'm here, {ask2}?|{want}, then {do2}[, then {do3}|]. {then}?"
            "|three questions. {ask}? {ask2}? and {ask3}?]".replace(
                "{both}", "{want} first and after that {do2}" if scene.material.light else _IN_ONE_GO
            )
        )
    )


_BOOKED_NUMBERS = (
    "[{want} on {day} the {ordinal}, for {small} people, and no more than {small2}0 dollars each. {closing}?|{want} between {time} and {time2}, {closing}?"
    "|{ask}, for {small} adults and {small2} children? we can spend {small}00 dollars at most|{want} for less than {small}0 euros. {closing}?"
    "|if {small} of us share {small2}0 dollars, what does each one pay? we want to {do}|{want} within {small} km of where I am. how many miles is that?"
    "|is there a {percent} % discount if I {do} for {small} people?|{want} at {time} on the {ordinal}. I'm {small} hours behind your time zone]"
)
_PLAIN_NUMBERS = (
    "[{want} in the next {small}0 minutes. what time is that if it's {time} now?|what is {small} miles in km? and then I want to {do}|{want} on the {ordinal} at {time}, or at {time2} if that's too early"
    "|how much is {amount} plus {percent} %? and can you {do} after that?|{want}, I have {small}0 minutes and it's {time} already|{want}. remind me at {time}, no, {time2}, on the {ordinal}"
    "|if it's {time} here, what time is it {small} hours east of me? {want}.|{want} before {time}. that leaves {small} hours, right?]"
)


@strategy(
    share=3,
    brief="numbers, dates, amounts, percentages and units that have to be read correctly",
    checks={"may_refuse": True},
)
def numbers_and_units(scene: Scene) -> Draft:
    """Amounts, times, percentages, mixed units."""
    if scene.material.light:
        return scene.draft(scene.say(_BOOKED_NUMBERS if scene.wishes(scene.material.paid) else _PLAIN_NUMBERS))
    return scene.draft(
        scene.say(
            "[how often can I {do}? I did it {small} times in {small2} days.|is the fee {small}.50 or {small2}.00? I want to {do} and I've seen both."
            "|I was told {amount} but I see {amount2} now. where does the difference come from?|{want} by {time} on the {ordinal}. is that still possible?"
            "|I have waited {small} days now and you say {small2} working days. when exactly is that if I asked on {day}?|{ask} before the {ordinal}? that's in {small} days."
            "|does {amount} include the {percent} % or does that come on top?|can I pay {amount} now and the rest in {small2} months?|what is {amount} dollars in pounds with a {small} % fee?"
            "|I see {amount}, I expected {amount2}. that's {percent} % off, {closing}?|is the limit {small}00 or {small}.000? I never know if that's a comma or a point"
            "|is {amount} over the limit? {want}.|you took {amount} twice, once at {time} and once at {time2}. {closing}?|if it costs {amount} a month, what do I pay in {small} years?]"
        )
    )
