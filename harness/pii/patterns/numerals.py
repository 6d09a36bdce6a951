"""Words for numbers in running English: ages, amounts, house numbers."""

from harness.pii.patterns.rules import word_set

UNITS = word_set("one two three four five six seven eight nine")
TEENS = word_set("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
TENS = word_set("twenty thirty forty fourty fifty sixty seventy eighty ninety")
NUMERALS = UNITS | TEENS | TENS | word_set("zero hundred thousand and")
