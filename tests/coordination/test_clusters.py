from datetime import UTC, datetime, timedelta

import polars as pl

from chatforensics import schema
from chatforensics.coordination import build_coordination_graph, find_clusters

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def a_pair(one: str, other: str, q_value: float) -> dict[str, object]:
    return {"person_a": one, "person_b": other, "n_shares": 1, "n_families": 1, "median_lag_s": 60.0,
            "p_value": q_value / 10, "q_value": q_value, "source_ids": ["e1"]}  # fmt: skip


def pairs_of(*rows: dict[str, object]) -> schema.Pairs:
    return schema.Pairs(pl.DataFrame(rows, schema=dict(schema.TABLES["pairs"])))


def a_share(person: str, family: str, minute: int, message: int) -> dict[str, object]:
    return {"share_id": f"s{message}", "family_id": family, "variant_id": "v", "chat_id": f"chat-{person}",
            "person_id": person, "sent_at": NOON + timedelta(minutes=minute), "message_ids": [message],
            "similarity": 1.0, "source_ids": [f"export-{person}"]}  # fmt: skip


SHARES = schema.Shares(
    pl.DataFrame(
        [
            a_share("ines", "f1", 0, 1),
            a_share("jomo", "f1", 3, 2),
            a_share("kofi", "f1", 7, 3),
            a_share("ines", "f2", 100, 4),
            a_share("jomo", "f2", 900, 5),
            a_share("lena", "f1", 1, 6),
        ],
        schema=dict(schema.TABLES["shares"]),
    )
)
TWO = pairs_of(a_pair("ines", "jomo", 0.01), a_pair("jomo", "kofi", 0.04), a_pair("ines", "lena", 0.2))


def test_people_joined_through_others_are_one_cluster_with_what_they_sent_in_the_window() -> None:
    clusters = find_clusters(TWO, SHARES, window_s=300)
    assert clusters.drop("cluster_id").rows(named=True) == [
        {
            "person_ids": ["ines", "jomo", "kofi"],
            "n_pairs": 2,
            "n_families": 1,
            "family_ids": ["f1"],
            "message_ids": [1, 2, 3],
            "first_at": NOON,
            "last_at": NOON + timedelta(minutes=7),
            "largest_q": 0.04,
            "source_ids": ["export-ines", "export-jomo", "export-kofi"],
        }
    ]


def test_a_pair_that_chance_explains_joins_nobody() -> None:
    assert find_clusters(pairs_of(a_pair("ines", "lena", 0.051)), SHARES, window_s=300).is_empty()


def test_the_name_of_a_cluster_depends_on_its_people_alone() -> None:
    fewer = find_clusters(schema.Pairs(TWO.head(2)), schema.Shares(SHARES.head(3)), window_s=300)
    assert fewer["cluster_id"].to_list() == find_clusters(TWO, SHARES, window_s=300)["cluster_id"].to_list()
    others = find_clusters(pairs_of(a_pair("ines", "jomo", 0.01)), SHARES, window_s=300)
    assert others["cluster_id"].to_list() != fewer["cluster_id"].to_list()


def test_the_graph_tells_the_cluster_of_each_person_who_is_in_one() -> None:
    clusters = find_clusters(TWO, SHARES, window_s=300)
    people = schema.People(schema.empty("people"))
    graph = build_coordination_graph(TWO, people, clusters)
    cluster_id = clusters["cluster_id"].item()
    assert {who: graph.nodes[who].get("cluster") for who in graph} == {
        "ines": cluster_id, "jomo": cluster_id, "kofi": cluster_id, "lena": None,
    }  # fmt: skip
