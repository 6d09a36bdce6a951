"""Ordinary asks: what most of the traffic is."""

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy


@strategy(share=9, brief="a plain, honest question or request of this persona")
def ordinary(scene: Scene) -> Draft:
    """A plain question."""
    return scene.draft(
        scene.say(
            "[{question}?|{want}. {closing}?|{want}, {closing}?|{issue}. {closing}?|{reason} and {want}. {question2}?"
            "|{hello}, {question}?|{hello}. {issue}, {closing}?|{sorry}, {question}?|{question}? {reason}.|{want} but {hurry}. {closing}?"
            "|{where} and {want}. {question2}?|{issue} {when}. {closing}?|{question}? {tried}.|{tried} but {issue}. {closing}?"
            "|I have a question about {thing}: {ask2}?|it's about {thing}. {issue}.|could somebody explain how {thing} and {thing2} belong together?"
            "|what do I have to keep in mind about {thing} when I want to {do}?|do I need {thing} before I can {do}?"
            "|before I {do}: {about}?|{reason}, so {ask}?|{hello}! {reason}. {ask} and {about}?"
            "|my {relative} wants to {do}. what would you tell them?|is {day} a good day to {do}, or does it not matter?]"
        )
    )


@strategy(share=3, brief="a few keywords without grammar, as typed into a search box")
def fragment(scene: Scene) -> Draft:
    """Keywords, no sentence."""
    return scene.draft(
        scene.fill(
            "[{topic} {topic2} [how|help|where|why|cost|problem|??|info]|{do} [how|where|steps|cost|today|time needed|requirements|??]"
            "|[help|problem|issue|info] {topic} [{topic2}|today|urgent|please]|{topic}?? {topic2}??|{do} {do2} [how|same time|which first]"
            "|{topic} - [not there|gone|wrong|where is it|too high|too slow|status]|[need|want] {topic} [now|today|asap|by {day}]"
            "|[re|about]: {topic} / {topic2}|{topic}, [how long|how much|who|which one|when]?|{topic} {topic2} {topic3}??]"
        )
    )


@strategy(share=7, brief="a conversation of two to four messages whose later messages build on the earlier ones")
def follow_up(scene: Scene) -> Draft:
    """A conversation that stays on its subject."""
    opening = scene.say(
        "[{hello}, {question}?|{want}. {closing}?|{issue}. {closing}?|{question}?|{sorry}: {question}?|{reason}. {question}?]"
    )
    second = scene.say(
        "[and how long [will|would] that take?|ok, and what does it cost?|what do I need to have ready for that?|can I also do it on {day}?"
        "|and if that doesn't work?|is that the same for {thing3}?|does that change anything about {thing3}?|where exactly do I find that?"
        "|and if my {relative} wants to do the same?|do I get a confirmation for that?|which of those is the fastest?"
        "|can you do the first step for me?|right, {hurry}. can it be quicker?|and who sees that besides me?]"
    )
    third = scene.say(
        "[ok {thanks}. one more thing: {ask3}?|hm, {tried}, that's not how it looks for me|sorry, can you say that again in one sentence?"
        "|so in short, yes or no?|and could I undo it afterwards?|got it. {about3}?|that's not what I meant, I meant {thing4}"
        "|ok. does any of this depend on {thing4}?|perfect, {thanks}. and at the weekend?|wait, which step comes first?"
        "|and what did you mean by the last part?|alright, what happens if I forget about it?]"
    )
    return scene.draft(*((opening, second, third) if scene.chance(0.6) else (opening, second)))


@strategy(share=5, brief="several unrelated requests in one message, partly without punctuation")
def several_intents(scene: Scene) -> Draft:
    """Two to four wishes at once."""
    return scene.draft(
        scene.say(
            "[{want}, {ask2}, and {about}?|three things: 1) {ask} 2) {about2} 3) {ask3}|{want} and also {do2}, and while you're at it {about}?"
            "|{ask}? also {issue}. and {about3}?|first, {ask}. second, {do2}: same thing? third, {about}?"
            "|{hello}, a few questions at once: {ask}? {ask2}? and {about}? {thanks}|{issue}, plus {want}. oh and {about2}?"
            "|can I {do} and {do2} in one go, or does that need two requests? and what about {thing3}?"
            "|{ask}, and if not, {ask2}, and if that doesn't work either, {closing}?|{about}? {about2}? {ask3}? {hurry}."
            "|{reason}: {ask}, {ask2} and whatever else I need for {thing3}|I'd like to {do}, {do2} and {do3}. in which order?]"
        )
    )


@strategy(share=4, brief="numbers, dates, amounts, percentages and units that have to be read correctly")
def numbers_and_units(scene: Scene) -> Draft:
    """Amounts, times, percentages, mixed units."""
    return scene.draft(
        scene.say(
            "[if I {do} {small} times a month and each one costs {amount} euros, what do I pay a year? and with {percent} % off?"
            "|is it {amount} or {amount2} to {do}? one page says the one, another says the other|I was quoted {amount} for {thing} but see {amount2} now. where do the other units go?"
            "|{thing}: is the limit {small}00 or {small}.000? I never know if that's a comma or a point"
            "|I need {thing} by {time} on the {ordinal}, that's {small2} hours from now in my time zone (UTC+{small}), {closing}?"
            "|{want} for {amount} dollars, but in pounds. what is that with {percent} % on top?|we are {small} adults and {small2} children, so how many do I enter when I {do}?"
            "|{issue} {small} times in {small2} days, reference {reference}. is there a maximum?|my part is {percent} percent of {amount}, rounded how?"
            "|I waited {small} and a half weeks, you say {small2} working days. when exactly is that if I asked on {day} at {time}?"
            "|does {amount} include the {percent} % or does that come on top when I {do}?|1/{small} of {amount} now and the rest in {small2} months, can I {do} like that?"
            "|what weighs more in your calculation for {thing}: {percent} % of {amount} or a flat {small}.50?]"
        )
    )
