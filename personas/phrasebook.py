"""Fragments of our own that templates name: greetings, circumstances, reasons, closings.

``[a|b]`` stands for one of its alternatives, ``{name}`` for a fragment or a
slot. They fit any product: what the user is after comes from the slots.
"""

from personas.lexicon import word_set

FRAGMENTS: dict[str, str] = {
    "hello": "[hi|hello|hey|hi there|hello there|good morning|good evening|good afternoon|hi team|hello everyone|hey there]",
    "thanks": "[thanks|thank you|many thanks|thanks in advance|cheers|thanks a lot|thank you so much|appreciate it|thx]",
    "ask": (
        "[how do I {do}|how can I {do}|can I {do} [from abroad|today|online|without calling anybody|at the weekend|from my phone|by myself]"
        "|what do I need to {do}|is it possible to {do}|could you help me {do}|what's the [quickest|easiest|simplest|cheapest|safest] way to {do}"
        "|how long does it [usually|normally|] take to {do}|do I have to pay [anything|extra|something] to {do}|how does one {do}"
        "|who do I talk to if I want to {do}|what happens after I {do}|am I allowed to {do} [more than once|twice|again]"
        "|what is the right way to {do}|where exactly do I go to {do}|what are the steps to {do}|is there anything that stops me if I want to {do}]"
    ),
    "ask_light": (
        "[could you help me {do}|how do I {do} here|can you {do} for me|can I {do} [with you|here|from my phone|right now|without an account]"
        "|what's the [quickest|easiest|cheapest|simplest] way to {do}|is this where I {do}|am I right here if I want to {do}|where do I {do}"
        "|is it possible to {do} [right now|for somebody else|for later]|what do you need from me to {do}|would you {do} if I tell you what I like]"
    ),
    "about": (
        "[what should I know about {thing}|where do I find [more information|something|the details] about {thing}"
        "|can you [explain|tell me more about|say something about] {thing}|who is responsible for {thing}|what are the rules for {thing}"
        "|is there anything new about {thing}|what is the catch with {thing}|can you walk me through everything to do with {thing}]"
    ),
    "question": "[{ask}|{ask}|{ask}|{about}]",
    "want": (
        "[I want to {do}|I need to {do}|I'd like to {do}|I'm trying to {do}|I was hoping to {do}|my plan is to {do}|I have to {do}"
        "|I've been meaning to {do}|all I want is to {do}|the idea is to {do}|what I'm after is simply to {do}]"
    ),
    "tried": (
        "[I already looked at the help page|I tried the website twice|I asked a friend and they had no clue|I searched for half an hour"
        "|I tried it on my phone and on the laptop|I went through every menu|I read the FAQ|I waited all of yesterday|I started over three times"
        "|I rang and hung up after forty minutes|I restarted everything|I followed the steps one by one]"
    ),
    "where": (
        "[I'm on the train|I'm at work|I'm travelling|I'm standing in a queue|I'm on my phone|I'm at my parents' place|I'm in a car park"
        "|I'm sitting in a waiting room|I'm in another time zone|I'm out with the kids|I'm at the airport|I'm on a break]"
    ),
    "hurry": (
        "[I only have five minutes|it has to be done today|it can't wait until tomorrow|I leave in an hour|I need it by tonight|my battery is at four percent"
        "|somebody is waiting for me|the deadline is noon|I have a meeting in ten minutes|the shop closes soon|I promised it for this afternoon]"
    ),
    "reason": (
        "[my sister told me to ask|my flatmate does it all the time|I'm doing this for the first time|I've never had to do this before|my boss wants it"
        "|I'm helping my grandmother with this|we are moving house|I'm planning a trip|it's a birthday surprise|I'm sorting out my paperwork"
        "|a colleague recommended it|I changed jobs|I'm new here|it worked last year|I'm comparing a few options|we just had a baby]"
    ),
    "when": "[since Monday|since yesterday|for two days now|since this morning|for about a week|since last night|ever since the update|since the weekend]",
    "closing": (
        "[any ideas|what would you suggest|what do I do now|can you point me in the right direction|please advise|is there a way"
        "|what are my options|how would you go about it|where do I start|am I missing something]"
    ),
    "sorry": "[sorry|sorry to bother you|excuse me|quick question|stupid question maybe|one more thing|not sure I'm in the right place]",
    "relative": "[mother|father|brother|aunt|uncle|neighbour|flatmate|cousin|grandfather|colleague]",
    "staff": "[colleague|agent|lady on the phone|man at the desk|supervisor|chat person|support team]",
    "day": "[Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday]",
    "fix": "[sort this out|fix it|look into it|deal with this|get it done|put it right]",
    "trouble": (
        "[I can't {do}|I still can't {do}|I'm not able to {do}|I have not managed to {do}|every time I try to {do} nothing happens"
        "|it won't let me {do}|I tried to {do} and got nowhere|I keep failing to {do}]"
    ),
}

LIGHT_VERBS = word_set("find search check watch play listen look see pick hear browse compare choose view read")
"""What one does in a moment: no fee, no limit and no form goes with it."""

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

NAMES = [
    "Marta Ellwood",
    "Tobin Karsk",
    "Ines Valdorra",
    "Owen Thackley",
    "Priya Nandalore",
    "Luca Ferrantin",
    "Hana Mirosova",
    "Jonas Wickermann",
    "Amara Osundele",
    "Felix Brandauer",
    "Noor Haddawi",
    "Elsie Prowtree",
    "Diego Malvarez",
    "Sofie Lindqvarn",
    "Kenji Moritake",
    "Rosa Quintavel",
    "Pavel Horacky",
    "Leila Zarandi",
    "Bram Verhoest",
    "Anouk Delmarre",
]
"""Invented: first names that exist with surnames that do not, so that they are nobody's."""

PLACES = [
    "Port Hollis",
    "Westermoor",
    "Castle Quill",
    "Lindenbrück",
    "Saint-Orven",
    "Novi Brod",
    "Harrowgate Bay",
    "Villa Serena",
    "Kingsfold",
    "Mirefield",
]
"""Invented towns."""
