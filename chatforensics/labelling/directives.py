"""The wordings of English directives that `slates` reads: patterns only, no reading.

Patterns are bounded, so that no text can make them run long.
"""

import regex

# A name belongs to a directive only when it stands this close to it, or to the name before it, in characters.
NEAR = 40
# In a list a name opens its line; a line that begins with other words is about something else.
NEAR_IN_LIST = 8
TITLE = r"(?:Cllr|Councillor|Mr|Mrs|Ms|Miss|Dr|Prof|Br|Sister|Brother|Haji|Rev)\.?"
_WORD = r"(?-i:\p{Lu})[\p{L}\p{M}'’-]{0,30}\p{L}"
_PLAIN = r"(?-i:\p{Ll})[\p{L}\p{M}'’-]{2,20}"
_ROLE = (
    r"(?:vice[- ]|deputy |hon\.? |branch |general |state )?(?:chair(?:man|woman|person)?|treasurer|secretary|president"
    r"|captain|mayor|rep|convenor|churchwarden|delegate|governor|trustee|leader|sheriff|auditors?|\p{L}{3,15} officer)"
)
_VERB = r"(?:vote|select|pick|tick|rank|choose|support|mark|endorse|elect|stamp|give)"
_AGAINST = (
    r"\b(?:do not|don['’]?t|dont|never|nobody|no one|not to)\b(?! (?:forget|miss|wait))"
    rf"[^.,;!?\n]{{0,20}}?\b{_VERB}(?: for\b)?\b|"
    r"\bvot(?:e|es|ing) (?:against|out|down|[\"“'*]?no\b[\"”'*]?(?: to\b| for\b| on\b)?)|"
    r"\b(?:no|not (?:one|a|a single)|zero) votes? (?:for|to)\b|"
    r"\banyone (?:but|except)\b|\bleave\b|\boppose\b|\bagainst\b|"
    r"\bno to\b|\bnothing (?:beside|next to|for)\b|\bnot(?= (?-i:\p{Lu}))|❌"
)
_TRIGGER = (
    r"\btrigger(?:ing)?\b(?: an?\b)?(?: (?:ballot|open selection|full selection)\b)?(?: (?:against|for|on)\b)?|"
    r"\bde-?select\b|\b(?:do not|don['’]?t|not) (?:affirm|reselect)\b|"
    r"\bopen (?:selection|contest) (?:against|for|on)(?= (?-i:\p{Lu}))"
)
_FOR = (
    rf"(?:\bvot(?:e|es|ing)\b(?: (?:for|4)\b)?|\b{_VERB}\b|\bback(?:ing)?\b|\bre-?elect\b|\bstand behind\b|"
    r"\bpreference\b|\bput\b|\baffirm(?= (?-i:\p{Lu}))|\bcross(?:es)?\b"
    r"(?: (?:next to|beside|by|for|in front of)\b| ?[-:])|"
    r"\bfor:|\bx next to\b|\bbox \d{1,2}:|✅)"
    rf"(?=(?: (?P<plain>{_PLAIN})(?: (?:and|&|n|\+) (?P<second>{_PLAIN}))?)?)"
)
_STEP = (
    r"\bstep ?\d{1,2}\b|(?:^|(?<=\n))[ *>👉-]{0,4}"
    r"(?:\d{1,2}[.):](?!\d)|\d\ufe0f?\u20e3|\(?[a-h]\)|\([ivx]{1,4}\))"
)
_KINDS = {
    "step": _STEP,
    "trigger": _TRIGGER,
    "against": _AGAINST,
    "for": _FOR,
    "role": rf"\b{_ROLE}\b",
    "name": rf"(?<!\p{{L}})(?:{TITLE} )?{_WORD}(?: (?:(?:de|da|dos|van|der|bin|al|el|la) )?{_WORD}){{0,3}}",
    "colon": r"[:\-–—] ?\n\s*",
    "newline": r"\n[ \n]*",
    "stop": r"[.!?;]+(?=\s|$)",
}
TOKEN = regex.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), regex.IGNORECASE)
CONTEST = regex.compile(
    r"\b[Ff]or (?:the |our )?((?:\p{Lu}[\p{L}'’-]+ ){1,3}"
    r"(?:[Ww]ard|[Bb]ranch|[Ss]election|[Ee]lection|[Vv]acancy|[Ss]eat)(?: selection| election| vacancy)?)"
)
FOR_ROLE = regex.compile(rf" (?:for|as) (?:the )?({_ROLE})\b", regex.IGNORECASE)
ROLE_LIST = regex.compile(r" ?[:–—-] ")
# "in Ashdown", "from the Rise list": a place or a body, not somebody to vote for.
OF_PLACE = regex.compile(r"\b(?:in|at|from|of|than)(?: the)?[ \"“']{1,2}$", regex.IGNORECASE)
SENTENCE_START = regex.compile(r"(?:^|[.!?:\n\-•*>)\u20e3])[ \"“'*]{0,4}$")
AT_PLACE = regex.compile(r"\b(?:in|at|from|than)(?: the)?[ \"“']{1,2}$", regex.IGNORECASE)
# "Petra's email": the e-mail is meant. "Sarah's name" is Sarah.
POSSESSIVE = regex.compile(r"['’]s (?!name\b)")
PRONOUNS = frozenset({"him", "her", "them"})
RESELECTION = regex.compile(r"\btrigger|\bopen (?:selection|contest)|\breselect|\baffirm|\bautomatic", regex.IGNORECASE)
_SAID = r"\b(?:vote|tick|mark|answer|say|choose|choosing)[ :\"“'*]{1,3}"
TO_CONTEST = regex.compile(
    r"\b(?:do not|don['’]?t|not) (?:affirm|reselect)|\bto trigger|(?:yes|for)[^.\n]{0,12} (?:open|full) |"
    rf"{_SAID}(?:no\b|open )|\bagainst (?:automatic )?reselection",
    regex.IGNORECASE,
)
TO_KEEP = regex.compile(rf"{_SAID}(?:yes|affirm)\b", regex.IGNORECASE)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
# Capitalised words that open sentences and lists of this kind and name nobody.
_NOT_NAMES = """
    vote votes voting yes no not for against then step box page ballot question poll final reminder last please and
    the candidate candidates option councillor cllr mr mrs ms dr open selection affirm trigger submit select choose
    tick pick monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december today tomorrow nobody nothing everyone anyone i we you he she they it
    this that completely allah i'll i'm whatsapp zoom agm ron nec cross put mark back support rank first second
    third leave do don't them him her affirming voting selecting backing supporting keeping chair treasurer
    secretary president captain team list motion resolution proposal item dear members member friends
"""
NOT_NAMES = frozenset(_NOT_NAMES.split())
