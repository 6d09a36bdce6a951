"""Confused users: contradictions, missing context, wrong premises, long stories, changing goals."""

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy


@strategy(share=2, brief="a request that contradicts itself", checks={"may_refuse": True})
def contradiction(scene: Scene) -> Draft:
    """Wants two things that exclude each other."""
    both = (
        "{want} today, but please don't do anything before {day}. {closing}?|keep it short please, but explain in detail: {ask}?|{want}. actually no, don't. or do you think I should {do}?"
        "|{want} right now, there's no hurry though. {closing}?|answer with yes or no only, and tell me exactly how: can I {do}?|yes I want to {do}, no I haven't decided yet. {then}?"
        "|I need an answer right now, take all the time you need. {ask}?|{want}. no, the opposite. well, both would be best"
    )
    own = (
        "{want}, price doesn't matter, but it can't cost anything. {closing}?|{want}, anything is fine, but not what you have|{want}, you choose. no, let me choose. {closing}?"
        "|{want} for tonight, or rather for yesterday. {closing}?|I don't want you to choose, just {do} for me"
        if scene.material.light
        else "{want}, but I don't want anything about {mine} to change. {closing}?|I already managed to {do}, but it didn't work. {closing}?"
        "|please don't contact me about this. just call me back: {ask}?|my {relative} says I can {do}, the website says I can't, and I believe both. {closing}?"
        "|{want} without giving you any details. {closing}?|{trouble}. I fixed it myself, but it's still broken. {closing}?|{want} for free, I'll pay whatever it costs. {closing}?"
    )
    return scene.draft(scene.say(f"[{both}|{own}]"))


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
            "|can you change it to {day}[| instead| please]?|did that go through[| on {day}| now]?|the one my {relative} liked, is that free on {day}?|{want}, the same as on {day}."
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
                "[your {staff} said I get {percent} % off when I {do}. how do I get that?|you said yesterday that I could {do} for free. {ask}?"
                "|I have a voucher from your newsletter that lets me {do} for free, how do I use it?|I already paid {amount} when I wanted to {do}, so why do you ask again?"
                "|my {relative} told me you refund everything if I {do} and don't like it. right?|I'm a gold member, so I can {do} without paying, right?]"
                if scene.wishes(scene.material.paid) and scene.chance(0.7)
                else "[since you also do this by phone now, {ask}?|you have my details from last time, so {ask}?|you told me yesterday you would {do} for me. is it done?"
                "|my {relative} got an e-mail that you stop this service on {day}. can I still {do}?|you know where I live from last time, right? {want}."
                "|yesterday you said it would be ready by {time}. {want} now.|I already told you which one I want. {ask}?|since you never need my name for that, {ask}?]"
            )
        )
    return scene.draft(
        scene.say(
            "[your {staff} promised me that I can {do} for free. how do I claim that?|I read that I get {amount} back if I {do}. when do I receive it?|I heard that from next {day} customers can't {others} any more. is that true?"
            "|since you moved everything to the branches, where do I go to {do}?|you told me yesterday that {mine} was taken care of. why do I still see the problem?|I thought it was free to {do} in the first year. why was I charged?"
            "|why do I have to send a letter to {do}?|my {relative} was told on the phone that I can {do} without any checks. {ask}?|now that I have paid the {amount} fee, when can I {do}?"
            "|I got your e-mail saying that I have to {do} before {day}. {ask}?|why was I moved to the premium plan? I only wanted to {do}."
            "|the website says you always answer within {small} minutes. {issue}, so why didn't you?|as a premium customer I get {percent} % off, so {ask}?|I read that you always answer on the same day. I wrote on {day} because I want to {do}."
            "|your {staff} already approved it, so {ask}?|you promised to pay {amount} for every day I wait. {issue}, so when do I get it?|how do I use the {amount} welcome bonus when I {do}?]"
        )
    )


_STORY = (
    (
        "[it was last {day}, I was [on my way home|at work|having breakfast|about to leave], and that's when I realised it: {issue}.|to cut to it, {issue}, and I only saw that on {day} because I was away."
        "|I noticed on {day} but I was [at work|away|busy] and forgot about it: {issue}.]"
    ),
    "[I {first} and that took forever, and your {staff} was nice but couldn't help.|I wanted to call, but the line was busy every time.|my {relative} said I should just write to you, so here I am.]",
    "[at first I thought it had to do with my phone, but now I'm not so sure.|I did change a few things last week, no idea if that matters.|I did nothing different from the other times, as far as I know.]",
    "[everything always worked until we moved, and since then it's one thing after another.|I had the same thing about {small} years ago, and that time it was sorted after {small2} days.]",
    "[to be honest I had almost given up, but then I saw the little chat button.|by the way, the new website looks nice, I just can't find anything any more.]",
    "[it's not a big thing, I just want it off my list.|I don't want to blame anybody, these things happen.]",
)
_ERRAND = (
    "[I've been meaning to {do} since last {day}, but something always came up.|so on {day} I finally sat down because I wanted to {do}.|it all started on {day}, when my {relative} asked me why I don't just {do}.]",
    *_STORY[1:],
)
_PLANS = (
    "[it's for my {relative}, who is visiting from {day} on.|it's not even for me, it's for my {relative}.|my {relative} usually does these things, but this time it's on me.]",
    "[last time we left it too late and that was that.|last time I asked a friend and that went badly.|I looked at three other sites and got lost.]",
    "[my {relative} wanted to do it and then didn't.|I'm not picky, my {relative} is.|my phone is nearly empty, so I hope this goes quickly.]",
    "[I had a note somewhere, but I can't find it.|I get off work around {time}, so I'm doing this on my break.|I promised to do it on {day} and then forgot.]",
    "[by the way, what you found for me last month was great.|I'm not very good with these apps, so please be patient with me.|I could do it myself, but I never know where to look.]",
)


@strategy(share=3, brief="a long, rambling story in which the actual question is buried")
def rambling(scene: Scene) -> Draft:
    """A long story with a question somewhere in it."""
    trouble = not scene.material.light and bool(scene.material.issues) and scene.chance(0.5)
    parts = _PLANS if scene.material.light else _STORY if trouble else _ERRAND
    start = scene.say(
        "[{hello}, so this is a bit of a story, bear with me.|ok, let me start from the beginning.|{hello}, I'm not sure who to ask, so I'll just write it all down."
        "|{hello}, I hope you have a minute because it's a bit complicated.|sorry in advance, this will be long.|{hello}, I'll try to keep this short but I probably won't manage.]"
    )
    # The story opens with what it is about; the rest keeps its order.
    chosen = [0, *sorted(scene.rng.sample(range(1, len(parts)), scene.rng.randint(2, 3)))]
    first = scene.fill("[read the FAQ|tried the website|rang the hotline|went to the desk]")
    text = " ".join(scene.say(parts[i].replace("{first}", first)) for i in chosen)
    end = scene.say(
        "[anyway, {closing}?|so what I really want to know: {closing}?|so my question is simply: {closing}?|long story short: {closing}?]"
        if trouble
        else "[anyway, {ask}?|so what I really want to know: {ask}?|anyway, to get to the point, {ask}?|so my question is: {ask}?|long story short: {ask}?]"
    )
    return scene.draft(f"{start} {text} {end}")


@strategy(share=4, brief="a conversation in which the user changes the goal in a later message")
def goal_change(scene: Scene) -> Draft:
    """Changes its mind from one message to the next."""
    return scene.draft(
        scene.say("[{want}. {closing}?|{hello}, {ask}?|{ask}?|{hello}, {want}.|{want}, {reason}.|{ask}? {reason}.]"),
        scene.say(
            "[actually, forget that. {ask2}?|wait, no. I'd rather {do2}. {closing}?|hmm, changed my mind: can I {do2} instead?|never mind. different question: {ask2}?"
            "|sorry, I meant something else. I want to {do2}.|ok leave it. I think I have to {do2} first.|on second thought, I'd rather {do2}|actually I want to {do2} first, please]"
        ),
        scene.say(
            "[no, back to the first thing please. {ask}?|can I do both, first {do2} and then {do}?|ok, and after that can I still {do}?|hm ok, then I want to {do} after all."
            "|great, and can we go back to what I asked first?|ok {thanks}. and the first thing I asked?|fine, then neither. {ask3}?|alright, let's do that one. and the other thing later.]"
        ),
    )
