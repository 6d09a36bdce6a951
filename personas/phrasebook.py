"""Fragments of our own that templates name: greetings, circumstances, reasons, closings.

``[a|b]`` stands for one of its alternatives, ``{name}`` for a fragment or a
slot. They fit any product: what the user is after comes from the slots.
"""

from personas.lexicon import word_set

FRAGMENTS: dict[str, str] = {
    "hello": "[hi|hello|hey|hi there|hello there|good morning|good evening|good afternoon|hi team|hey there]",
    "thanks": "[thanks|thank you|many thanks|cheers|thanks a lot]",
    "ask": (
        "[how do I {do}|how can I {do}|can I {do} [today|online|in the app|at the weekend]|where do I {do}|could you help me {do}"
        "|what do I need to {do}|is it possible to {do}[| online| today]|what's the [quickest|easiest|best] way to {do}|how long does it [usually|normally|] take to {do}"
        "|does it cost anything to {do}|is there a fee if I {do}|what are the steps to {do}|what do I have to do to {do}"
        "|can somebody help me {do}|can you tell me how to {do}|do I have to call to {do}|is there any way to {do}|can you help me {do}|am I allowed to {do}]"
    ),
    "ask_light": (
        "[could you help me {do}|can you {do} for me|can you help me {do}|can I {do} [with you|here|from my phone]|could you {do}{soon}|can you {do}{soon}"
        "|would you mind helping me {do}|is it possible to {do} [here|with you|from here]|can you help me to {do}{soon}]"
    ),
    "ask_instant": (
        "[could you help me {do}|can you help me {do}|can I {do} [with you|here|from my phone|right now]|would you mind helping me {do}|how do I {do} here"
        "|is it possible to {do} [here|with you|right now]|can I {do} without [leaving this chat|another app]|how can I {do} [here|now|quickly]]"
    ),
    "soon": "[||| {later}]",
    "soon_instant": "[||| now| right now]",
    "later": "[tonight|tomorrow|on {day}|this weekend|later today|next week|this evening|tomorrow evening]",
    "about": (
        "[what do I need to know about {thing}|where do I find the details of {thing}|can you tell me more about {thing}|who can help me with {thing}"
        "|can you check {mine} for me|is there a problem with {mine}|can I ask something about {thing}]"
    ),
    "concern": (
        "[is everything ok with it|can you check it for me|who do I talk to about that|can you have a look|where do I see what's going on with it|can you help me with that]"
    ),
    "question": "[{ask}|{ask}|{ask}|{about}]",
    "then": (
        "[how long will that take|can you do that today|do I get a confirmation|how does that work|what do you need from me|where do I start"
        "|who do I have to contact]"
    ),
    "then_light": "[what do you have|is that possible|can you do that now|what do you need to know|which one would you pick|what are the options|where do we start]",
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
        "[it's for my {relative}|it's for a friend|my {relative} asked me to|I'm doing this for my {relative}|I told my {relative} I would take care of it"
        "|it's my first time using this|I'm not from here|I don't know the area]"
    ),
    "reason_instant": (
        "[it's my first time using this|I usually do that on my laptop|I just got this phone|my {relative} showed me this app|I'm new to this"
        "|it worked yesterday|I have a few minutes|I never did that here before]"
    ),
    "when_event": "[on Monday|yesterday|this morning|last night|at the weekend|last week|two days ago|on Friday]",
    "when": "[since Monday|since yesterday|for two days now|since this morning|for about a week|since last night|since the weekend]",
    "closing": (
        "[any ideas|what would you suggest|what do I do now|what are my options|where do I start|can you help|how do I go about it|what should I do]"
    ),
    "closing_light": "[can you help|any suggestions|what do you have|what would you suggest|can you help me with that|what are my options]",
    "closing_instant": "[can you help|can you help me with that|can you do that|is that possible|can you help me out|how does that work here]",
    "sorry": "[sorry|sorry to bother you|excuse me|quick question|one more thing|not sure I'm in the right place]",
    "relative": "[mother|father|brother|sister|aunt|uncle|wife|husband|flatmate|cousin|colleague]",
    "staff": "[colleague|agent|support team|lady on the phone|phone support|supervisor]",
    "day": "[Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday]",
    "trouble": (
        "[I can't {do}|I still can't {do}|I'm not able to {do}|I tried to {do} and it didn't work|it won't let me {do}|I keep getting stuck when I try to {do}]"
    ),
}

PAID_VERBS = word_set("book reserve buy rent purchase order hire")
"""Wishes that end in a price, a date and a number of people."""

SEARCH_VERBS = word_set("find search look browse compare choose get")
"""Wishes that end in a choice."""

SHOW_VERBS = word_set("watch play listen hear")
CHECK_VERBS = word_set("check see view read")
INSTANT_VERBS = SHOW_VERBS | CHECK_VERBS | word_set("add transfer send show pick get")
"""Wishes that are met at once: no date and no price goes with them."""

LIGHT_VERBS = (PAID_VERBS | SEARCH_VERBS | INSTANT_VERBS | {"schedule"}) - word_set("get order hire transfer send show")
"""What an assistant does for its user in a moment: no fee, no limit and no form goes with it."""

NO_SUBJECTS = word_set(
    "wrong extra wedding garage purse bag jacket cup kettle airport post death power visa item deal favorite frozen refundable take place"
    " flat ton quarter party list sound deal pound country countries mail shop reasons permission couple jacket internet euro euros dollar information info"
    " error message place area second minute mistake correct uk us eu usa europe merchant merchants seller receiver recipient"
)
"""Nouns that a request mentions but is hardly ever about."""

NOT_KEPT = word_set(
    "face fingerprint watch name children family salary wage jacket bag purse wallet phone home currency country town permission identity file email passport"
)
"""What is the user's, but nothing that the product keeps for them."""

GENERIC_DOS = (
    "talk to a person",
    "change my e-mail address",
    "change my password",
    "close my account",
    "get a refund",
    "update my contact details",
    "get a receipt",
    "make a complaint",
    "change my phone number",
    "download my documents",
    "unsubscribe from your e-mails",
    "sign in on my new phone",
)
"""What users of any service want; stands in where a segment's own phrases are too few."""

GENERIC_THINGS = (
    "my account",
    "my login",
    "the terms",
    "the opening hours",
    "my details",
    "the price",
    "a receipt",
    "the waiting time",
    "the latest change",
)
