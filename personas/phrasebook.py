"""Fragments of our own that templates name: greetings, circumstances, reasons, closings.

``[a|b]`` stands for one of its alternatives, ``{name}`` for a fragment or a
slot. They fit any product: what the user is after comes from the slots.
"""

from personas.lexicon import word_set

FRAGMENTS: dict[str, str] = {
    "hello": "[hi|hello|hey|hi there|hello there|good morning|good evening|good afternoon|hi team|hey there]",
    "thanks": "[thanks|thank you|many thanks|cheers|thanks a lot]",
    "ask": (
        "[how do I {do}|how can I {do}|can I {do} [today|online|myself|from my phone|at the weekend|from abroad]|where do I {do}|could you help me {do}"
        "|what do I need to {do}|is it possible to {do}[| online| today]|what's the [quickest|easiest|best] way to {do}|how long does it [usually|normally|] take to {do}"
        "|does it cost [anything|extra] to {do}|is there a fee if I {do}|what happens when I {do}|what are the steps to {do}|what do I have to do to {do}"
        "|can somebody help me {do}|can you tell me how to {do}|do I have to call to {do}|is there any way to {do}|can you help me {do}|am I allowed to {do}]"
    ),
    "ask_light": (
        "[could you help me {do}|can you {do} for me|can you help me {do}|can I {do} [with you|here|from my phone|right now]|could you {do}"
        "|would you mind helping me {do}|is it possible to {do} [right now|today|{later}]|can you help me to {do} {later}|how do I {do} here|can we {do} {later}]"
    ),
    "later": "[tonight|tomorrow|on {day}|this weekend|later today|next week|this evening|tomorrow evening]",
    "about": (
        "[what do I need to know about {thing}|where do I find the details of {thing}|can you tell me more about {thing}|who can help me with {thing}"
        "|can you check {mine} for me|is there a problem with {mine}|can I ask something about {thing}]"
    ),
    "about_light": "[what can you tell me about {detail}|can you help me with {thing}|do you have anything on {detail}|can you check {detail} for me]",
    "question": "[{ask}|{ask}|{ask}|{about}]",
    "then": (
        "[how long will that take|what does it cost|can you do that today|is there a fee for that|do I get a confirmation|how does that work|what do you need from me"
        "|is that free]"
    ),
    "want": (
        "[I want to {do}|I need to {do}|I'd like to {do}|I'm trying to {do}|I was hoping to {do}|I have to {do}|I would like to {do}|I've been meaning to {do}]"
    ),
    "tried": (
        "[I already looked at the help page|I tried the website twice|I searched for half an hour|I tried it on my phone and on the laptop|I read the FAQ"
        "|I tried again this morning|I started over three times|I restarted everything|I followed the steps one by one|I looked through the whole menu]"
    ),
    "where": (
        "[I'm on the train|I'm at work|I'm travelling|I'm on my phone|I'm at my parents' place|I'm out with the kids|I'm at the airport|I'm on a break]"
    ),
    "hurry": (
        "[it has to be done today|it can't wait until tomorrow|I leave in an hour|I need it by tonight|I don't have much time|the deadline is noon"
        "|I have a meeting in ten minutes|it's a bit urgent|I need this sorted today]"
    ),
    "reason": (
        "[I'm doing this for the first time|I've never had to do this before|I'm helping my grandmother with this|we are moving house|I'm planning a trip"
        "|I'm sorting out my paperwork|I changed jobs|I'm new here|it worked last time|I'm going away next week|I got a new phone]"
    ),
    "reason_light": (
        "[it's for my {relative}|it's for a friend|we're going out with friends|my {relative} is visiting|I have some free time {later}"
        "|it's my first time using this|nothing planned yet]"
    ),
    "when": "[since Monday|since yesterday|for two days now|since this morning|for about a week|since last night|since the weekend]",
    "closing": (
        "[any ideas|what would you suggest|what do I do now|what are my options|where do I start|can you help|how do I go about it|what should I do]"
    ),
    "closing_light": "[can you help|any suggestions|what do you have|what would you suggest|can you help me with that|what are my options]",
    "sorry": "[sorry|sorry to bother you|excuse me|quick question|one more thing|not sure I'm in the right place]",
    "relative": "[mother|father|brother|sister|aunt|uncle|wife|husband|flatmate|cousin|colleague]",
    "staff": "[colleague|agent|lady on the phone|man at the desk|supervisor|person in the chat]",
    "day": "[Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday]",
    "trouble": (
        "[I can't {do}|I still can't {do}|I'm not able to {do}|I tried to {do} and it didn't work|it won't let me {do}|I keep getting stuck when I try to {do}]"
    ),
}

LIGHT_VERBS = word_set(
    "find search check watch play listen look see pick hear browse compare choose view read book reserve buy rent purchase add schedule"
)
"""What an assistant does for its user in a moment: no fee, no limit and no form goes with it."""

NO_SUBJECTS = word_set(
    "flat ton quarter party list sound deal pound country countries mail shop reasons permission couple jacket internet euro euros dollar information info"
    " refundable take error message place area second minute mistake correct uk us eu usa europe merchant merchants seller receiver recipient"
)
"""Nouns that a request mentions but is hardly ever about."""

GENERIC_DOS = (
    "talk to a person",
    "change my details",
    "cancel my request",
    "get a refund",
    "check the status of my request",
    "update my contact details",
    "get a receipt",
    "make a complaint",
    "undo my last change",
    "see my history",
    "get a copy of my documents",
    "stop the reminders",
)
"""What users of any service want; stands in where a segment's own phrases are too few."""

GENERIC_THINGS = (
    "my request",
    "my account",
    "the terms",
    "the opening hours",
    "my details",
    "the price",
    "a receipt",
    "the waiting time",
    "the latest change",
)
