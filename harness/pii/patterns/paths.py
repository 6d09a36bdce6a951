"""Names in places on a machine: home folders, accounts of a domain, files called after somebody."""

import re
from collections.abc import Iterator

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.patterns.rules import Facts, Recognizer, Rule, Scan, pattern, word_set

_NOBODYS_HOME = word_set(
    "user users username name you me myuser youruser yourname public default shared all administrator admin root guest ubuntu debian centos ec2 ec2-user azureuser"
    " runner vagrant pi node app appuser www www-data nginx apache git jenkins postgres mysql oracle hadoop spark airflow jovyan vscode codespace circleci build builder"
    " deploy deployer service test tester demo dev developer docker container linuxbrew lib local common site web html var opt src data project projects"
)
_FILE = re.compile(
    r"(?<![^\W_])([^\W_][\w'’ ()-]{2,80}?)\.(?:pdf|docx?|odt|rtf|pages|xlsx?|csv|txt|jpe?g|png|heic|tiff?|gif|mp[34]|m4a|zip|eml|msg|vcf|ics)(?!\w)",
    re.IGNORECASE,
)
_FILE_ENDS = word_set(
    "pdf doc docx odt rtf xls xlsx csv txt jpg jpeg png heic tif tiff gif mp3 mp4 m4a zip eml msg vcf ics"
)
_PART = re.compile(r"[^\W\d_]+")
_JOINTS = frozenset("_-")
_FEWEST_LETTERS = 3


def _is_home(value: str, _before: str, _after: str) -> bool:
    return value.lower() not in _NOBODYS_HOME


def _is_account(value: str, _before: str, _after: str) -> bool:
    name = value.rpartition("\\")[2].lower()
    return name not in _NOBODYS_HOME and name not in words("common_words")


def _find_named_files(facts: Facts) -> Iterator[PiiSpan]:
    """Yield names whose parts are joined as in "CV_Anna_Lind_2024.pdf": a listed given name, and the name beside it."""
    for match in _FILE.finditer(facts.text):
        if _JOINTS.isdisjoint(match[1]):
            continue
        parts = [part for part in _PART.finditer(facts.text, match.start(1), match.end(1)) if _can_be_name(part[0])]
        given = [part for part in parts if _is_given_name(part[0])]
        for part in given:
            beside = [other for other in parts if _are_joined(facts.text, part, other)]
            chosen = [part, *beside]
            start, end = min(p.start() for p in chosen), max(p.end() for p in chosen)
            yield PiiSpan(start=start, end=end, entity="PERSON", score=0.75)


def _can_be_name(word: str) -> bool:
    return len(word) >= _FEWEST_LETTERS and word.lower() not in words("common_words") | _NO_NAME


def _is_given_name(word: str) -> bool:
    plain = word.lower()
    return plain in words("given_names") and plain not in words("word_names")


def _are_joined(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    first, second = sorted((one, other), key=lambda part: part.start())
    return text[first.end() : second.start()] in {"_", "-", " "}


_NO_NAME = word_set(
    "cv resume curriculum vitae scan scanned passport licence license photo image img pic selfie invoice receipt bill statement payslip salary contract agreement letter form tax"
    " report final draft copy signed wedding birthday holiday bank card identity certificate proof address rechnung vertrag bewerbung lebenslauf zeugnis kontoauszug ausweis"
    " factura contrato nómina carta facture contrat lettre fiche fattura contratto recibo comprovante umowa faktura screenshot whatsapp video audio recording voice export backup"
    " jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august september october november december"
)

PATH_RULES: tuple[Recognizer, ...] = (
    Rule(
        entity="ID",
        why="somebody's home folder",
        # Home folders: "C:\Users\alind", "/home/alind/.ssh".
        pattern=pattern(r"(?:\busers\\{1,2}|/users/|/home/|\bdocuments\ and\ settings\\{1,2})([^\W_][\w.@-]{1,40})"),
        group=1,
        score=0.8,
        words=frozenset(("users", "home", "settings")),
        needs=lambda facts: "/" in facts.text or "\\" in facts.text,
        accepts=_is_home,
    ),
    Rule(
        entity="ID",
        why="somebody's home folder",
        pattern=pattern(r"(?<![\w./~])~([a-z][\w.-]{2,30})(?=/)"),
        group=1,
        score=0.75,
        needs=lambda facts: "~" in facts.text,
        accepts=_is_home,
    ),
    Rule(
        entity="ID",
        why="account of a domain",
        # An account of a domain: "NORTH\alind".
        pattern=pattern(r"(?<![\w:\\/.])[a-z][\w.-]{1,15}\\[a-z_][\w.$-]{2,30}(?![\w\\])"),
        score=0.75,
        words=word_set(
            "user users account accounts login logon domain ad username signed sign password locked benutzer konto usuario utilisateur compte"
        ),
        needs=lambda facts: "\\" in facts.text,
        accepts=_is_account,
    ),
    Rule(
        entity="ID",
        why="the user in a line of an access log",
        pattern=pattern(r"(?<=[\d.:a-f][ ]-[ ])([a-z][\w.@-]{1,40})(?=[ ]\[\d{1,2}/)"),
        group=1,
        score=0.85,
        digits=4,
        words=word_set("get post put head delete patch options"),
        needs=lambda facts: " - " in facts.text,
    ),
    Rule(
        entity="ID",
        why="who did something, in a log",
        # Who did it, in a log: "user=alind", "uid=1001(alind)".
        pattern=pattern(
            r"(?<![^\W_])(?:user(?:_?name)?|login|actor|owner|author|account|uid|gid|sub|principal|created_?by|updated_?by|assignee|requester)[\"']?\s?[=:]\s?(?:\d{1,6}\()?[\"']?((?!(?:null|none|true|false|unknown|anonymous|undefined)\b)[a-z][\w.-]{3,40})(?![\w@(]|[\"']?\s?[=:])"
        ),
        group=1,
        score=0.7,
        words=word_set(
            "user username login actor owner author account uid gid sub principal createdby created updatedby updated assignee requester"
        ),
        needs=lambda facts: "=" in facts.text,
        accepts=lambda value, _before, _after: (
            value.lower() not in _NOBODYS_HOME and value.lower() not in words("common_words")
        ),
    ),
    Scan(
        look=_find_named_files,
        words=_FILE_ENDS,
        needs=lambda facts: "_" in facts.text or "-" in facts.text,
        why="name in a file's name",
    ),
)
