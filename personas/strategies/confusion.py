"""Confused users: contradictions, missing context, wrong premises, long stories, changing goals."""

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy


@strategy(share=2, brief="a request that contradicts itself", checks={"may_refuse": True})
def contradiction(scene: Scene) -> Draft:
    """Wants two things that exclude each other."""
    return scene.draft(
        scene.say(
            "[{want} today, but please don't do anything before {day}. {closing}?|{want}, but I don't want anything about {mine} to change. {closing}?"
            "|keep it short please, but explain in detail: {ask}?|{want}. actually no, don't. or do you think I should {do}?|I don't want to {do}. but {ask}?"
            "|{want} right now, there's no hurry though. {closing}?|I already managed to {do}, but it didn't work. {closing}?|please don't contact me about this. just call me back: {ask}?"
            "|my {relative} says I can {do} and I know I can't. {ask}?|{want} without giving you any details. {closing}?|cancel it, but leave everything as it is. {want} on {day}."
            "|{issue} but I fixed it myself and it still doesn't work. {closing}?|yes I want to {do}, no I haven't decided yet. {then}?|{want} for free, I'll pay whatever it costs. {closing}?]"
        )
    )


@strategy(
    share=4, brief="refers to something said or done before that the assistant cannot know", checks={"may_refuse": True}
)
def missing_context(scene: Scene) -> Draft:
    """Points at what was never said."""
    light = scene.material.light
    return scene.draft(
        scene.say(
            "[what about the other one[|, is that still available| you mentioned]?|can you do the same as last time[|, but for {day}]?|that's not the one I meant. the other one please"
            "|ok, book it then[| for {day}]|yes, the second one please[|, {thanks}]|no, the one from yesterday[|, {thanks}]|is it still the same price as the one you showed me[| on {day}]?"
            "|can you change it to {day}[| instead| please]?|did that go through[| on {day}| now]?|the one my {relative} liked, is that free on {day}?|{want}, the same one as {day}."
            "|I'm back. where were we[| with that]?|same again please[|, but for {small} people|, for {day}]|and how much for both[| together]?|{want}, you know which one.]"
            if light
            else "[it happened again[| on {day}| this morning| just now]. {closing}?|as discussed with your {staff}, please go ahead[|, {thanks}]|as I told your {staff} on {day}, {issue}. any news?"
            "|is it the same for the other one[| too| or not]?|I did what you told me {day} and {issue}. what now?|it says no[|, why| and I don't know why| again]?|why did that change[| on {day}| again]?"
            "|I'm back. where were we[| with {mine}]?|did it go through now[|, {mine} I mean]?|so which of the two should I take[|, the first or the second]?|any update on my case[| from {day}]?"
            "|{hello}, I wrote on {day}. any news?|see my last message[|, {closing}?|. still the same problem.]|he said I can {do} without that. is that true?|they told me I need the other form to {do}. which one?"
            "|can you do it like you did for my {relative}[|, {want}]?|I clicked it and nothing happened[|, {closing}?|. what now?]|is that enough to {do}[| or do you need more]?"
            "|what was that number again[| I need to {do}]?|and the other problem, is that fixed[| too]?|ok do it then[|, {thanks}| please]]"
        )
    )


@strategy(share=4, brief="takes something for granted that is not true of the product", checks={"may_refuse": True})
def wrong_premise(scene: Scene) -> Draft:
    """Takes something for granted that nobody ever said."""
    if scene.material.light:
        return scene.draft(
            scene.say(
                "[your {staff} said I get {percent} % off when I {do}. {ask}?|you said yesterday that I could {do} for free. {ask}?|I have a voucher from your newsletter that lets me {do} for free, how do I use it?"
                "|since you also do this by phone now, {ask}?|I already paid {amount} when I wanted to {do}, so why do you ask again?"
                "|my {relative} told me you refund everything if I {do} and don't like it. right?|you have my details from last time, so {ask}?|I'm a gold member, so I can {do} without paying, right?]"
            )
        )
    return scene.draft(
        scene.say(
            "[your {staff} promised me that I can {do} for free. how do I claim that?|I read that I get {amount} back if I {do}. when do I receive it?|I heard that from next {day} nobody can {do} any more. is that true?"
            "|since you moved everything to the branches, where do I go to {do}?|you told me yesterday that {mine} was taken care of. why do I still see the problem?|I thought it was free to {do} for the first {small} times. why was I charged?"
            "|why do I have to send a letter to {do}?|my {relative} was told on the phone that I can {do} without any checks. {ask}?|now that I have paid the {amount} fee, when can I {do}?"
            "|I got your e-mail saying that I have to {do} before {day}. {ask}?|why was {mine} upgraded to premium? I never asked for that."
            "|the website says you always answer within {small} minutes. {issue}, so why didn't you?|as a premium customer I get {percent} % off, so {ask}?|I'm still in the free first year, so why do I pay to {do}?"
            "|your {staff} already approved it, so {ask}?|since it's your fault that {issue}, how much do I get?|how do I use the {amount} welcome bonus when I {do}?]"
        )
    )


_STORY = (
    "[it was last {day}, I was [on my way home|at work|having breakfast|about to leave], and that's when I noticed that {issue}.|I noticed on {day} that {issue}, but I was [at work|away|busy] and forgot about it.]",
    "[I {first} and that took forever, and your {staff} was nice but couldn't help.|I wanted to call, but the line was busy every time.|my {relative} said I should just write to you, so here I am.]",
    "[at first I thought it had to do with {mine}, but now I'm not so sure.|I did change a few things last week, no idea if that matters.|I did nothing different from the other times, as far as I know.]",
    "[it always worked until we moved, and since then it's one thing after another.|I had the same thing once about {small} years ago, and that time it went away by itself after {small2} days.]",
    "[to be honest I had almost given up, but then I saw the little chat button.|by the way, the new website looks nice, I just can't find anything any more.]",
    "[not that it's a fortune, it's about {amount}, but still.|it's not a big thing, I just want it off my list.|I don't want to blame anybody, these things happen.]",
)
_PLANS = (
    "[it's for my {relative}, who is visiting from {day} on.|we are {small} people, maybe {small2}, my {relative} hasn't decided yet.|it's my {relative}'s birthday and I promised to take care of it.]",
    "[last time we left it too late and everything was gone.|last time I asked a friend and that went badly.|I looked at three other sites and got lost.]",
    "[it doesn't have to be fancy, but not too loud either, and not too far.|we don't have a car at the moment, so it shouldn't be too far out.|I'm not picky, my {relative} is.]",
    "[I had a list somewhere, but I can't find it.|{day} would be best, though {day2} is fine too if it's cheaper.|I get off work around {time}, so it can't be before that.]",
    "[by the way, the suggestion you gave me last month was great.|I'm not very good with these apps, so please bear with me.|I could do it myself, but I never know where to look.]",
)


@strategy(share=3, brief="a long, rambling story in which the actual question is buried")
def rambling(scene: Scene) -> Draft:
    """A long story with a question somewhere in it."""
    parts = _PLANS if scene.material.light else _STORY
    start = scene.say(
        "[{hello}, so this is a bit of a story, bear with me.|ok, let me start from the beginning.|{hello}, I'm not sure who to ask, so I'll just write it all down."
        "|{hello}, I hope you have a minute because it's a bit complicated.|sorry in advance, this will be long.|{hello}, I'll try to keep this short but I probably won't manage.]"
    )
    # The story opens with what it is about; the rest keeps its order.
    chosen = [0, *sorted(scene.rng.sample(range(1, len(parts)), scene.rng.randint(2, 3)))]
    first = scene.fill("[read the FAQ|tried the website|rang the hotline|went to the desk]")
    text = " ".join(scene.say(parts[i].replace("{first}", first)) for i in chosen)
    end = scene.say(
        "[anyway, {ask}?|so what I really want to know: {ask}?|long story short, {want}. {closing}?|anyway, to get to the point, {ask}?|so my question is: {ask}?|well, {want}. can you help?]"
    )
    return scene.draft(f"{start} {text} {end}")


@strategy(share=4, brief="a conversation in which the user changes the goal in a later message")
def goal_change(scene: Scene) -> Draft:
    """Changes its mind from one message to the next."""
    return scene.draft(
        scene.say("[{want}. {closing}?|{hello}, {ask}?|{ask}?|{hello}, {want}.|{want}, {reason}.|{ask}? {reason}.]"),
        scene.say(
            "[actually, forget that. {ask2}?|wait, no. I'd rather {do2}. {closing}?|hmm, changed my mind: can I {do2} instead?|never mind. different question: {ask2}?"
            "|sorry, I meant something else. I want to {do2}.|ok leave it. my {relative} says I should {do2} first. is that right?|on second thought, let's {do2} instead|actually {do2} first, please]"
        ),
        scene.say(
            "[no, back to the first thing please. {ask}?|can I do both, first {do2} and then {do}?|ok, and after that can I still {do}?|hm ok, then I'll {do} after all. {then}?"
            "|great, and can we go back to what I asked first?|ok {thanks}. and the first thing I asked?|fine, then neither. {ask3}?|alright. so if I {do2} now, do I still need to {do}?]"
        ),
    )
