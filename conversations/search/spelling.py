"""Help with typing errors, where nothing was found: words that are close, of what the person may see.

Other people's words are never looked at: every word offered was read in a document that the person may see now.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from conversations.search.expressions import ANSWER, QUESTION, TITLE, Expression, Reach, Term, Window, term, title_word
from conversations.search.loading import Found, load, whole_texts
from conversations.search.queries import Query, Sought
from conversations.search.scopes import Scope
from conversations.search.store import store
from conversations.search.words import GAP, words_of

_SHORTEST, _LONGEST = 3, 30
_MOST_WRONG = 3
"""Words that are looked for."""
_NEWEST = 300
"""Documents whose words are looked through first."""
_FEW = 40
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "אבגדהוזחטיכלמנסעפצקרשתםןךףץ",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىپچژگی",
)


def corrected(scope: Scope, query: Query, text: str) -> str:
    """The text with the words that occur nowhere replaced by close ones that do; "" if there are none."""
    wrong = [each for each in query.sought if _may_be_wrong(each) and not _occurs(scope, each)]
    if not wrong or len(wrong) > _MOST_WRONG:
        return ""
    for each in wrong:
        better = _closest(scope, each.words[0])
        if not better:
            return ""
        text = text.replace(each.text, better, 1)
    return text


def trigram_similarity(one: str, other: str) -> float:
    """How many of their groups of three letters two words share: 0 to 1."""
    a, b = _trigrams(one), _trigrams(other)
    return len(a & b) / len(a | b)


def distance(one: str, other: str) -> int:
    """How many letters to insert, leave out, replace or swap with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, above, row = row, before, [i]
        for j, there in enumerate(other, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                best = min(best, above[j - 2] + 1)
            row.append(best)
    return row[-1]


def _may_be_wrong(each: Sought) -> bool:
    word = each.words[0]
    return len(each.words) == 1 and _SHORTEST <= len(word) <= _LONGEST and word.isalpha()


def _occurs(scope: Scope, each: Sought) -> bool:
    either = Expression(((each.term, each.title_term),))
    return bool(store().find(either, scope.parts, Window(scope.below, limit=1)))


def _closest(scope: Scope, word: str) -> str:
    """Looks at the newest documents, then at those with a word that differs in one place, then in the ending."""
    newest = [_numbers(scope, [term(TITLE)], _NEWEST // 3), _numbers(scope, [term(QUESTION), term(ANSWER)], _NEWEST)]
    found = _best(word, _words(load(scope, [number for numbers in newest for number in numbers])))
    if found:
        return found
    edited = sorted(_edits(word))
    terms = [term(each) for each in edited] + [term(title_word(each)) for each in edited]
    found = _best(word, _words(load(scope, _numbers(scope, terms, _FEW, reach=Reach.FEW)), is_whole=True))
    if found or len(word) < 5:
        return found
    begun = [term(word[:3], is_prefix=True), term(title_word(word[:3]), is_prefix=True)]
    return _best(word, _words(load(scope, _numbers(scope, begun, _NEWEST))))


def _numbers(scope: Scope, either: Iterable[Term], limit: int, *, reach: Reach = Reach.ALL) -> list[int]:
    return store().find(Expression((tuple(either),)), scope.parts, Window(scope.below, 0, limit, reach))


def _words(found: Iterable[Found], *, is_whole: bool = False) -> Counter[str]:
    """How many of the documents have each word."""
    found = list(found)
    texts = whole_texts([each.message_id for each in found if each.message_id]) if is_whole else {}
    counts: Counter[str] = Counter()
    for each in found:
        text = texts.get(each.message_id, each.head) if each.message_id else each.title
        counts.update(set(words_of(text)))
    counts.pop(GAP, None)
    return counts


def _best(word: str, counts: Counter[str]) -> str:
    """The closest; of those as close the most frequent."""
    most = 1 if len(word) < 6 else 2
    letters = set(word)
    best, best_rank = "", (0.0, 0.0, 0)
    for other, count in counts.items():
        if abs(len(other) - len(word)) > most or len(letters.difference(other)) > most or not other.isalpha():
            continue
        similarity = trigram_similarity(word, other)
        if similarity < 0.1:
            continue
        apart = distance(word, other)
        if 0 < apart <= most and (rank := (-float(apart), similarity, count)) > (best_rank if best else (-9.0, 0.0, 0)):
            best, best_rank = other, rank
    return best


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def _edits(word: str) -> set[str]:
    """All words that differ in one place."""
    alphabet = next((each for each in _ALPHABETS if set(word) & set(each)), "")
    return set(_edits_of(word, alphabet)) - {word}


def _edits_of(word: str, alphabet: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        yield from (head + letter + tail for letter in alphabet)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in alphabet)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
