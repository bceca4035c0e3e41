"""Our exact tail against networkx-backbone, whose stochastic model keeps degrees on average, by a normal curve."""

import networkx as nx
import numpy as np
import pytest
from scipy.stats import spearmanr

from chatforensics.coordination.tails import upper_tails

backbone = pytest.importorskip("networkx_backbone", reason="networkx-backbone is not installed")


def a_bipartite_table(seed: int, *, n_agents: int = 12, n_artifacts: int = 200) -> np.ndarray:
    random = np.random.default_rng(seed)
    eagerness = random.uniform(0.2, 0.5, n_agents)
    return random.random((n_agents, n_artifacts)) < eagerness[:, None]


def graph_of(table: np.ndarray) -> "nx.Graph[int | str]":
    graph: nx.Graph[int | str] = nx.Graph()
    graph.add_nodes_from(range(table.shape[0]))
    graph.add_edges_from((int(agent), f"artifact-{artifact}") for agent, artifact in np.argwhere(table))
    return graph


def our_p_values(table: np.ndarray) -> dict[tuple[int, int], float]:
    chances = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    pairs = [(a, b) for a in range(table.shape[0]) for b in range(a + 1, table.shape[0])]
    both = np.concatenate([np.clip(chances[a] * chances[b], 1e-300, 1) for a, b in pairs])
    common = np.array([int((table[a] & table[b]).sum()) for a, b in pairs])
    tails = upper_tails(np.repeat(np.arange(len(pairs)), table.shape[1]), both, np.maximum(common, 1))
    return dict(zip(pairs, tails.tolist(), strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tails_agree_with_the_stochastic_degree_sequence_model(seed: int) -> None:
    table = a_bipartite_table(seed)
    theirs = backbone.sdsm(graph_of(table), agent_nodes=list(range(table.shape[0])))
    for (one, other), p_value in our_p_values(table).items():
        assert theirs[one][other]["sdsm_pvalue"] == pytest.approx(p_value, abs=0.06)


@pytest.mark.slow
def test_tails_go_with_shuffles_that_keep_every_degree() -> None:
    # Shuffles keep degrees exactly and so spread less: the order of pairs is compared, not the values.
    table = a_bipartite_table(4)
    theirs = backbone.fdsm(graph_of(table), agent_nodes=list(range(table.shape[0])), trials=400, seed=1)
    ours = our_p_values(table)
    shuffled = [theirs[one][other]["fdsm_pvalue"] for one, other in ours]
    assert spearmanr(list(ours.values()), shuffled).statistic > 0.8
