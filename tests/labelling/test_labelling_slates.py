"""Names, stances, contests and steps out of English instructions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.labelling.slates import find_instructions


def told(text: str) -> list[tuple[str, str]]:
    return [(each.name, each.stance) for each in find_instructions(text)]


ARCHETYPE = """*Elm Vale Members' Circle*
*Final reminder*

1️⃣ Open the link in the email
2️⃣ On the first screen select *Ngozi Hartmann* and *Tomasz Silva*
3️⃣ Vote YES to trigger Cllr Moira Feng
4️⃣ Press submit

Delete this once read."""


def test_the_numbered_archetype_gives_two_names_and_one_trigger_with_their_steps() -> None:
    found = [(each.name, each.stance, each.step) for each in find_instructions(ARCHETYPE)]
    assert found == [("Ngozi Hartmann", "for", 2), ("Tomasz Silva", "for", 2), ("Cllr Moira Feng", "trigger", 3)]


def test_steps_may_be_written_out_in_one_line() -> None:
    text = "Step 1 select Ada Osei. Step 2 select Jan Novak. Step 3 vote to trigger a ballot against Cllr Rhys Kaur"
    found = [(each.name, each.stance, each.step) for each in find_instructions(text)]
    assert found == [("Ada Osei", "for", 1), ("Jan Novak", "for", 2), ("Cllr Rhys Kaur", "trigger", 3)]


@pytest.mark.parametrize(("mark", "step"), [("(iii)", 3), ("b)", 2), ("7.", 7), ("4)", 4), ("Step 12", 12)])
def test_steps_are_numbered_in_many_ways(mark: str, step: int) -> None:
    (found,) = find_instructions(f"{mark} vote for Leila Marsh")
    assert found.step == step


@pytest.mark.parametrize(
    "directive",
    [
        "vote for",
        "please select",
        "rank",
        "back",
        "support",
        "tick",
        "choose",
        "put a cross next to",
        "put your X by",
        "elect",
    ],
)
def test_many_directives_speak_for_a_name(directive: str) -> None:
    assert told(f"{directive} Ewa Mbeki") == [("Ewa Mbeki", "for")]


@pytest.mark.parametrize(
    "directive",
    [
        "vote against", "do not vote for", "don't select", "vote NO to", "anyone but", "no votes for", "oppose",
        "vote out", "not a single vote for", "we dont want any vote going to", "please nobody vote for", "leave",
    ],
)  # fmt: skip
def test_many_directives_speak_against_a_name(directive: str) -> None:
    assert told(f"{directive} Ewa Mbeki") == [("Ewa Mbeki", "against")]


@pytest.mark.parametrize(
    "directive", ["trigger", "vote to trigger", "do not reselect", "deselect", "trigger a ballot against"]
)
def test_triggering_is_a_stance_of_its_own(directive: str) -> None:
    assert told(f"{directive} Ewa Mbeki") == [("Ewa Mbeki", "trigger")]


def test_a_reminder_not_to_forget_does_not_turn_the_stance_round() -> None:
    assert told("don't forget to vote for Ewa Mbeki") == [("Ewa Mbeki", "for")]


def test_a_stance_ends_with_its_sentence() -> None:
    assert told("Vote for Ewa Mbeki. Thanks to Colin Hussain for the tea.") == [("Ewa Mbeki", "for")]


def test_a_stance_does_not_reach_far_along_a_sentence() -> None:
    assert told("vote before the long weekend since that is when we all drive to see Colin") == []


def test_for_and_not_in_one_sentence_are_kept_apart() -> None:
    assert told("Support Lucy and Dawit, not Brendan") == [("Lucy", "for"), ("Dawit", "for"), ("Brendan", "against")]


def test_a_list_below_a_colon_takes_the_stance_of_its_line_until_a_blank_line() -> None:
    text = "Please vote for:\n- Yasmin Darr\n- Theo Papadakis\n\nRegards Colin Hussain"
    assert told(text) == [("Yasmin Darr", "for"), ("Theo Papadakis", "for")]


def test_a_numbered_list_below_a_colon_keeps_the_stance_and_numbers_the_steps() -> None:
    found = [(each.name, each.stance, each.step) for each in find_instructions("Select:\n1. Yasmin Darr\n2. Theo Bell")]
    assert found == [("Yasmin Darr", "for", 1), ("Theo Bell", "for", 2)]


def test_an_office_named_before_or_after_is_the_contest() -> None:
    text = "Chair: Ada Osei. Vote Jan Novak for treasurer"
    assert [(each.name, each.contest) for each in find_instructions(text)] == [
        ("Ada Osei", "Chair"),
        ("Jan Novak", "treasurer"),
    ]


def test_a_contest_named_once_holds_for_all_names_and_is_no_name_itself() -> None:
    text = "For the Millfields selection vote for Ada Osei and Jan Novak"
    found = [(each.name, each.contest) for each in find_instructions(text)]
    assert found == [("Ada Osei", "Millfields selection"), ("Jan Novak", "Millfields selection")]


def test_names_in_small_letters_are_found_right_after_vote_for() -> None:
    assert told("pls vote for farrukh and wiktoria") == [("farrukh", "for"), ("wiktoria", "for")]


def test_a_name_that_is_an_ordinary_word_somewhere_is_kept_whole() -> None:
    assert told("Vote for Ama Boateng and Will Grace in the selection") == [
        ("Ama Boateng", "for"),
        ("Will Grace", "for"),
    ]


def test_ordinary_words_after_vote_for_are_no_names() -> None:
    assert told("vote for the people you like and vote for me") == []


def test_ordinary_words_with_capitals_are_no_names() -> None:
    assert told("Vote YES on Tuesday") == []


def test_places_and_bodies_are_no_names() -> None:
    assert told("your vote in Ashdown and nobody from the Rise list") == []


def test_a_pronoun_ends_the_search_for_a_name() -> None:
    assert told("come and vote for him, but not a word to Brenda") == []


def test_what_belongs_to_a_person_is_not_the_person() -> None:
    assert told("choose Petra's email") == []
    assert told("leave Petra's name blank") == [("Petra", "against")]


@pytest.mark.parametrize(
    ("line", "stance"),
    [
        ('Question C: (Cllr Beaumont) - choose "Do not reselect"', "trigger"),
        ("On the reselection of Cllr Beaumont answer NO", "trigger"),
        ("On the reselection of Cllr Beaumont answer YES", "for"),
    ],
)
def test_a_line_that_asks_about_a_sitting_member_is_read_with_its_answer(line: str, stance: str) -> None:
    assert told(line) == [("Cllr Beaumont", stance)]


def test_a_neutral_question_about_a_sitting_member_tells_nothing() -> None:
    assert (
        told("Paper one asks whether there should be an open selection for the seat of Cllr Beaumont: yes or no.") == []
    )


def test_a_list_line_that_begins_with_other_words_names_nobody() -> None:
    text = "Please vote as follows:\n1. Open the email from the Ballot Office and press Continue\n2. Ada Osei"
    assert told(text) == [("Ada Osei", "for")]


def test_a_line_about_reselection_without_an_answer_tells_nothing() -> None:
    assert told("The reselection of Cllr Beaumont is on Monday") == []


@pytest.mark.parametrize(
    "text",
    [
        "NO to reselection of Tariq Nowak",
        "Vote NO to Tariq Nowak being reselected",
        "tick Open Selection beside Tariq Nowak",
        "Page 2 asks if Tariq Nowak should go forward automatically. Vote NO.",
        "On Tariq Nowak vote NO, we want an open selection",
    ],
)
def test_no_to_the_reselection_of_somebody_is_a_trigger(text: str) -> None:
    assert told(text) == [("Tariq Nowak", "trigger")]


@pytest.mark.parametrize(
    "text",
    [
        "Tariq Nowak is on the paper again. Vote against her.",
        "Tariq Nowak wants another year. Please don't vote for him",
        "please nobody vote for Tariq Nowak",
        "Nobody seconds Tariq Nowak",
        "Tariq Nowak goes at the bottom",
        "Tariq Nowak 👎",
    ],
)
def test_what_is_said_against_him_or_her_is_against_who_was_named(text: str) -> None:
    assert told(text) == [("Tariq Nowak", "against")]


def test_marks_behind_names_belong_to_the_names_before_them() -> None:
    assert told("Ada Osei 👍 Jan Novak 👎") == [("Ada Osei", "for"), ("Jan Novak", "against")]
    assert told("✅ Ada Osei ❌ Jan Novak") == [("Ada Osei", "for"), ("Jan Novak", "against")]


def test_each_of_two_ranked_in_one_sentence_keeps_its_own_rank() -> None:
    assert told("put Ada Osei top and Jan Novak bottom") == [("Ada Osei", "for"), ("Jan Novak", "against")]


def test_who_stands_before_not_is_preferred_to_who_stands_behind() -> None:
    assert told("asking nicely, Ada not Jan") == [("Ada", "for"), ("Jan", "against")]


def test_an_answer_belongs_to_the_number_right_before_it() -> None:
    assert told("Rule change 8 - oppose. Rule change 11 - support.") == [
        ("Rule change 8", "against"),
        ("Rule change 11", "for"),
    ]
    assert told("Prop 14? no. Prop 16 yes") == [("Prop 14", "against"), ("Prop 16", "for")]


def test_whoever_fills_in_a_paper_is_not_whom_it_is_for() -> None:
    assert told("give your paper to Jan Novak, who fills it in for Ada Osei") == [("Ada Osei", "for")]


def test_what_others_say_names_nobody() -> None:
    assert told("they say vote for Ada Osei") == []


def test_leaving_the_name_blank_on_a_proxy_form_is_against_nobody() -> None:
    text = "just sign the proxy, leave the name empty, I'll cast it for Ada Osei"
    assert told(text) == [("Ada Osei", "for")]


def test_a_series_may_be_divided_by_semicolons() -> None:
    assert told("Ours: Osei; Novak; Feng.") == [("Osei", "for"), ("Novak", "for"), ("Feng", "for")]


@settings(max_examples=50, deadline=None)
@given(
    st.text(max_size=40),
    st.lists(st.sampled_from(["vote for ", "not ", "trigger ", "Ada Osei", "\n", ": ", "1. ", "✅ ", "Chair - "])),
)
def test_every_name_stands_where_it_is_said_to_stand(prefix: str, parts: list[str]) -> None:
    text = prefix + "".join(parts)
    found = find_instructions(text)
    assert [" ".join(text[each.start : each.end].split()) for each in found] == [each.name for each in found]
    assert len({each.start for each in found}) == len(found)


def test_a_button_of_the_page_is_nobody_to_vote_for() -> None:
    (told,) = find_instructions("Press the green button, then vote for Kofi Ansah")
    assert told.name == "Kofi Ansah"
    (symbol,) = find_instructions("Press the lamp button on Sunday")
    assert symbol.name == "lamp button"
