"""Confused users: contradictions, missing context, wrong premises, long stories, changing goals."""

from personas.scene import Draft, Scene
from personas.strategies.registry import strategy


@strategy(share=4, brief="a request that contradicts itself", checks={"may_refuse": True})
def contradiction(scene: Scene) -> Draft:
    """Wants two things that exclude each other."""
    return scene.draft(
        scene.say(
            "[{want}, but nothing at all may change about {mine}. {closing}?|I want to {do} today, only please don't do anything before {day}."
            "|I never wanted to {do}. so {ask}?|don't tell me how to {do}. just explain how to {do} step by step."
            "|{want} without anybody {do} ever showing up anywhere, and with a written confirmation for everybody involved"
            "|I have no {topic}. how do I change {mine}, which I don't have?|it must be free and I insist on paying the full price to {do}. {closing}?"
            "|keep it short and explain in every detail how I {do}|I already managed to {do} and it never worked. {closing}?"
            "|cancel everything, but make sure that {thing} goes ahead as planned on {day}|{issue} and everything works fine, {closing}?"
            "|I was the first to {do} and also never did. which one counts for {thing2}?|{want} and I don't want to {do}. please respect both."
            "|yes to {thing}, no to {thing}, and I won't choose. {ask2}?]".replace(
                "without anybody {do} ever showing up anywhere", "without it showing up anywhere"
            )
        )
    )


@strategy(
    share=4, brief="refers to something said or done before that the assistant cannot know", checks={"may_refuse": True}
)
def missing_context(scene: Scene) -> Draft:
    """Points at what was never said."""
    return scene.draft(
        scene.say(
            "[what about the other one?|is it the same for the second one you mentioned{tail}?|and the {topic} from last time, is that still on?"
            "|as discussed with your {staff}, please go ahead{tail}.|it happened again. same as before{tail}. {closing}?|why did that change{tail}?"
            "|can you do it like you did for my {relative}?|I'm back. where were we with {thing}?|did the thing with {thing} go through?"
            "|so which of the two should I take, the first or the later one{tail}?|it says no. why{tail}?|that's not the one. the other {topic}."
            "|he said I could get it without that. true{tail}?|ok do it then{tail}|see my last message{tail}. {closing}?|yes, but not for that {topic}, for mine"
            "|they told me to tell you the number, so is that enough to {do}?|how much for both{tail}?|I clicked it and then it did the usual. {closing}?"
            "|the {topic} you sent me: which page?]".replace(
                "{tail}", "[| {when}| with {thing2}| on {day}| when I tried to {do2}| for {thing2} too]"
            )
        )
    )


@strategy(share=5, brief="takes something for granted that is not true of the product", checks={"may_refuse": True})
def wrong_premise(scene: Scene) -> Draft:
    """Takes something for granted that nobody ever said."""
    return scene.draft(
        scene.say(
            "[since you abolished all conditions for {thing} in {year}, {ask}?|your {staff} promised me in writing that I can {do} free of charge for life. where do I claim that?"
            "|now that everybody gets {amount} back each time they {do}, when do I receive mine?|I read that from next {day} it's forbidden to {do}. what do I do with {thing2} then?"
            "|why do you make people send a fax to {do}?|as your biggest shareholder I'm told I skip the queue when I {do}. how does that work?"
            "|since the merger with the post office, do I still {do} here or there?|which of your {small}00 branches in {place} lets me {do} at night?"
            "|the law says you must answer within {small} minutes about {thing}. why didn't you?|I know that {thing} is always doubled after {small} years. when is mine due?"
            "|you told me yesterday that {thing} is already taken care of. so why do I still see it?|because {thing} is insured by the state, I get everything back if {issue}, right?"
            "|when did you stop letting people under {small}0 {do}?|how do I get the gold plan's free {topic}? it was in your advert on {day}"
            "|I was told that {thing} runs out at midnight for all customers. how do I stop that?|is it still the rule that one has to {do} in person, with two witnesses?]".replace(
                "{year}", "[2019|2021|2022|2023|January|March]"
            )
        )
    )


@strategy(share=4, brief="a long, rambling story in which the actual question is buried")
def rambling(scene: Scene) -> Draft:
    """A long story with a question somewhere in it."""
    start = scene.say(
        "[{hello}. so this is a bit of a story, bear with me.|ok, let me start from the beginning.|I'm not sure who to ask, so I'll just write everything down."
        "|{hello}, I hope you have a minute because this is complicated.|this will be long, {sorry}.]"
    )
    middle = [
        "[it was last {day}, [raining|late already|before breakfast|during lunch], and {reason}, and that's when I noticed that {issue}.|my {relative} always says I should be more careful, and of course they were right.]",
        "[then {tried}, which took forever, and the {staff} was nice but could not help either.|I wanted to call, but {where} and the line is terrible.]",
        "[at first I thought it had to do with {thing}, because that was odd too, but now I doubt it.|somebody in {place} told me it's all because of {thing}, which I don't believe.]",
        "[the weather was awful, and {reason2}, so nothing moved for days.|by the way, the new design looks nice, though I can't find anything any more.]",
        "[the funny thing is that it worked in spring, when we were still living in {place}, before the renovation and all that.|I even wrote it down somewhere, on the back of an envelope, and then lost that too.]",
        "[to be honest I had almost given up, but then I saw the little chat button and thought, why not.|I'm telling you this so that you see I did try.]",
        "[my neighbour had the same with {thing2}, only that in her case it went away by itself after {small} days.|not that it matters, but it was about {amount} in total, give or take.]",
    ]
    chosen = scene.rng.sample(middle, scene.rng.randint(3, 5))
    text = " ".join(scene.say(part.replace("{reason2}", "{reason}")) for part in chosen)
    end = scene.say(
        "[anyway, {ask}?|so what I really want to know: {ask}?|long story short, {want}. {closing}?|which brings me to my question, {ask}, and does {thing3} play a role?"
        "|oh well. can I {do} now or not?|where was I? right: {ask}?]"
    )
    return scene.draft(f"{start} {text} {end}")


@strategy(share=5, brief="a conversation in which the user changes the goal in a later message")
def goal_change(scene: Scene) -> Draft:
    """Changes its mind from one message to the next."""
    return scene.draft(
        scene.say("[{want}. {closing}?|{hello}, {ask}?|{ask}?|{issue}. {closing}?|{reason} and {want}]"),
        scene.say(
            "[actually, forget that. {ask2}?|wait, no. I'd rather {do2}. {closing}?|hmm, changed my mind: can I {do2} instead?|never mind. different topic: {about2}?"
            "|stop, that was the wrong one. I meant {thing2}|ok leave it. my {relative} says I should {do2} first, is that right?|on second thought let's not. {about2}?]"
        ),
        scene.say(
            "[no, back to the first thing please. so {ask}?|and now both together, would that work?|hold on, which of the two did you just answer?"
            "|fine, then neither. what about {thing3}?|you know what, let's do it as I said at first|ok, then undo all of it and tell me where I stand"
            "|so to sum up, what have I asked you for and what is the answer to each?|good. and what did I want at the very beginning?]"
        ),
    )
