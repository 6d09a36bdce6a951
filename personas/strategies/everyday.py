"""Ordinary asks: what most of the traffic is."""

from personas.scene import Draft, Scene
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
    "[{hello}, |{hello}. |{sorry}, |||||]{issue}[. {closing}?|. {closing}?| {when}. {closing}?| {when}, {closing}?|, {closing}?|. {tried}. {closing}?"
    "| and I don't know why. {closing}?|. why is that?|. is this normal?| and {hurry}. {closing}?|. {where} and {hurry}, {closing}?|. is that my fault or yours?]"
)
_LIGHT = (
    "[{hello}, |{hello}! |{hello}. |||||][{ask}?|{ask}?|{want}[| {later}].|{want}. {closing}?|{want}, can you help?|{want} {later}, {closing}?|please help me {do}[| {later}]."
    "|I'm looking to {do} {later}.][|||| {thanks}!| {reason}.| {reason}.| {where} right now.]"
)
_ABOUT = (
    "[{hello}, |||][I have a question about {mine}: {ask2}?|my question is about {mine}. {ask2}?|it's about {mine}. {issue}."
    "|my {relative} wants to {do}. {then}?|can my {relative} {do} too, or only me?|{opener}? {closing}?|{opener}? {reason}.]"
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
            "[{do}|{do}|{do}][| how| how to| online| today| cost| steps| urgent| help| please| {later}|, how long|?| ??]"
            if scene.material.light or scene.chance(0.6)
            else "[{topic} [how|help|where|problem|??|info|status|not working|how long|who to contact|question]|[help|problem|issue|question] {topic}[| please| urgent]"
            "|{topic} [missing|gone|wrong]?|need help with {topic}[| asap| please| today]|[re|about] {topic}, {do}|{topic} - {do}?|{mine}[?|??| help| please check]]"
        )
    )


_SERVICE_FOLLOW = (
    "[and how long [will|would|does] that take?|ok, and what does it cost?|what do I need to have ready for that?|can I also do it on {day}?|and if that doesn't work?"
    "|where exactly do I find that?|can my {relative} do that for me?|do I get a confirmation for that?|ok, and is there a quicker way?|can you do that for me from here?"
    "|{hurry}. can it be quicker?|I did that already and it still doesn't work.|ok. does that change anything about {mine}?|I don't see that option, where is it?"
    "|ok, {next}?|and {next}?|{thanks}. {next}?]"
)
_SERVICE_LAST = (
    "[ok {thanks}. one more thing: {ask3}?|hm, {tried}, it looks different for me|sorry, can you say that again in short?|and could I undo it afterwards?"
    "|that's not what I meant, I meant {mine2}|perfect, {thanks}. and at the weekend?|wait, which step comes first?|alright, what happens if I forget about it?"
    "|and who do I contact if it goes wrong?|ok {thanks}, I'll try that. and then {ask3}?|I tried that just now. {issue3}.|so to be sure, I can {do} without any fee?]"
)
_LIGHT_FOLLOW = (
    "[{next}?|{next}?|and {next}?|ok, {next}?|sounds good, {next}?|great. {next}?|nice. {next}?|{next}? and what about {detail}?|what about {detail}?|can you give me {detail} too?"
    "|hmm, not that one. {next}?|make that {later} instead, please.|sorry, I meant {later}.|do you have anything cheaper?|can you show me another one?|that one sounds good, {next}?]"
)
_LIGHT_LAST = (
    "[perfect, {thanks}.|ok, go ahead with that one.|great, can you also {do2}?|thanks! I also want to {do2}.|yes, please do that.|no, that's all, {thanks}.|actually, can we go back to the first one?"
    "|alright, and {next2}?|cool, {next2}?|wait, what was {detail2} again?|ok, that works for me. {thanks}!|hm, let me think. {next2}?]"
)


@strategy(share=12, brief="a conversation of two to four messages whose later messages build on the earlier ones")
def follow_up(scene: Scene) -> Draft:
    """A conversation that stays on its subject, about as long as the persona's are."""
    light = scene.material.light
    opening = scene.say(_LIGHT if light else f"[{_PLAIN}|{_WISH}|{_TROUBLE}]")
    between, last = (_LIGHT_FOLLOW, _LIGHT_LAST) if light else (_SERVICE_FOLLOW, _SERVICE_LAST)
    longest = 2 + scene.chance(0.6) + (scene.manner.turns > LONG_CONVERSATION) * scene.rng.randint(0, 2)
    later: list[str] = []
    while len(later) < longest - 2 + (longest == 2):
        said = scene.say(between)
        if said in later:
            break
        later.append(said)
        scene.forget("next")
    return scene.draft(opening, *later, *([scene.say(last)] if longest > 2 else []))


@strategy(share=5, brief="several unrelated requests in one message, partly without punctuation")
def several_intents(scene: Scene) -> Draft:
    """Two or three wishes at once."""
    return scene.draft(
        scene.say(
            "[{want}, and {ask2}?|two things: 1) {ask} 2) {ask2}|{want} and also {do2}. {closing}?|{ask}? also, {issue2}.|first, {ask}. and second, {ask2}?"
            "|{hello}, a few questions at once: {ask}? {ask2}? {thanks}|{issue}, plus I need to {do2}. {closing}?|can I {do} and {do2} in one go?"
            "|can I {do} and {do2} [today|at the same time|together], or does that need two requests?|{ask}? and {ask2}? {hurry}."
            "|{want}. oh and {ask2}?|{ask}? and while I'm here, {ask2}?|{want}, then {do2}[, then {do3}|]. {then}?"
            "|three questions. {ask}? {ask2}? and {ask3}?]"
        )
    )


@strategy(share=3, brief="numbers, dates, amounts, percentages and units that have to be read correctly")
def numbers_and_units(scene: Scene) -> Draft:
    """Amounts, times, percentages, mixed units."""
    if scene.material.light:
        return scene.draft(
            scene.say(
                "[{want} on {day} the {ordinal}, for {small} people, and no more than {amount} in total. {closing}?|{want} between {time} and {time2}, {closing}?"
                "|{ask}, for {small} adults and {small2} children? we can spend {amount} dollars at most|{want} for less than {amount} euros. {closing}?"
                "|if {small} of us share {amount}, what does each one pay? and then {ask}?|{want} within {small} km of where I am. how many miles is that?"
                "|is there a {percent} % discount if I {do} for {small} people?|{ask} at {time} on the {ordinal}? I'm {small} hours behind your time zone]"
            )
        )
    return scene.draft(
        scene.say(
            "[if I {do} {small} times a month and each one costs {amount} euros, what do I pay in a year?|is it {amount} or {amount2} to {do}? I've seen both."
            "|I was told {amount} but I see {amount2} now. where does the difference come from?|{want} by {time} on the {ordinal}. is that still possible?"
            "|{issue} {small} times in {small2} days. is there a maximum?|I have waited {small} days now and you say {small2} working days. when exactly is that if I asked on {day}?"
            "|does {amount} include the {percent} % or does that come on top?|can I pay {amount} now and the rest in {small2} months?|what is {amount} dollars in pounds with a {percent} % fee?"
            "|my statement says {amount}, I expected {amount2}. that's {percent} % off, {closing}?|is the limit {small}00 or {small}.000? I never know if that's a comma or a point"
            "|{ask} for {amount} or is that over the limit?|you took {amount} twice, once at {time} and once at {time2}. {closing}?]"
        )
    )
