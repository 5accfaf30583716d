"""The search's index, in shards: `/search/…`. Pure functions; docs/search.md says how it is read.

Plugins are numbered by popularity, so that the first of two that fit equally is the more popular one.
Names of files are numbers of shards, never a word of a registration.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from registry.feeds.order import by_popularity, order_of
from registry.feeds.published import Published
from registry.feeds.search.shards import ANY, SHORTEST_TYPO, Shard, typo_shards, word_shards
from registry.feeds.search.texts import BODY, places
from registry.feeds.search.words import is_dense
from registry.text.feed_text import json_bytes

FOLDER = "search"

Postings = dict[str, dict[int, list[int]]]
"""Word -> place -> rising numbers of plugins."""


def files(published: Published) -> dict[str, bytes]:
    """Return path below the site's root, without a leading slash -> content."""
    slugs = by_popularity(published.documents)
    postings: Postings = defaultdict(lambda: defaultdict(list))
    for number, slug in enumerate(slugs):
        found = places(published.documents[slug], slug)
        for word, place in (_beginnings(found) | found).items():
            postings[word][place].append(number)
    weights = _weights(postings)
    groups = {
        "words": word_shards(postings),
        "starts": typo_shards(weights, end=False),
        "ends": typo_shards(weights, end=True),
    }
    return _files(slugs, groups)


def _beginnings(found: Mapping[str, int]) -> dict[str, int]:
    """Return what one or two letters find before there is a word: all that begin so, but those of bodies."""
    begun: dict[str, int] = {}
    for word, place in found.items():
        if place < BODY:
            for key in {word[:1], word[:2]} - {word}:
                if begun.get(key, BODY) > place:
                    begun[key] = place
    return {key + ANY: place for key, place in begun.items()}


def _weights(postings: Postings) -> dict[str, int]:
    """Return the words that a misspelled one may be taken for, 0 to 9 by how many plugins have them.

    What a single body has may itself be misspelled.
    """
    weights = {}
    for word, by_place in postings.items():
        plugins = sum(map(len, by_place.values()))
        if len(word) < SHORTEST_TYPO or word.endswith(ANY) or is_dense(word) or word.isdigit():
            continue
        if plugins > 1 or BODY not in by_place:
            titled = sum(len(numbers) for place, numbers in by_place.items() if place < BODY)
            weights[word] = min(9, (plugins + 3 * titled).bit_length() - 1)
    return weights


def _files(slugs: Sequence[str], groups: Mapping[str, Sequence[Shard]]) -> dict[str, bytes]:
    contents: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] = {"plugins": len(slugs), "order": order_of(slugs)}
    for kind, shards in groups.items():
        manifest[kind] = " ".join(shard.first for shard in shards)
        for number, shard in enumerate(shards):
            space = " " if kind == "words" else ""
            texts = space.join(shard.texts)
            contents[f"{kind}-{number:03x}"] = {"words": " ".join(shard.words), "texts": texts}
    contents["manifest"] = manifest
    # One version for all: a page that was loaded before the site was built anew must notice.
    version = _hash([str(content) for content in contents.values()])
    return {
        f"{FOLDER}/{name}.json": json_bytes({"version": version, **content})
        for name, content in contents.items()
    }


def _hash(texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", errors="surrogatepass"))
    return digest.hexdigest()[:12]
