"""llama.cpp's own server on a tiny model, written here from random weights.

The model knows bytes and prefers to end what it began, so that an answer of a given form is short.
It says nothing sensible, and is not asked to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

from tests.waiting import free_port

WIDTH, HEADS, FORWARD = 64, 4, 128
_BIAS = 0  # the dimension that is the same for every token
_ENDS = {'"': 8.0, "}": 7.0, "]": 7.5, ",": 6.0, "n": 5.0, "u": 4.0, "l": 4.0}


def write_model(path: Path, context: int) -> None:
    """A llama of one layer that fits into a megabyte. A token is a byte."""
    random = np.random.default_rng(7)
    tokens = [*_byte_letters(), "<s>", "</s>"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * 2)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.02, shape).astype(np.float32)

    embedding, output = weights(len(tokens), WIDTH), weights(len(tokens), WIDTH)
    embedding[:, _BIAS] = 1.0
    for letter, preference in _ENDS.items():
        output[tokens.index(letter), _BIAS] = preference
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.ones(WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", weights(WIDTH, WIDTH))
    for name in ("ffn_gate", "ffn_up"):
        writer.add_tensor(f"blk.0.{name}.weight", weights(FORWARD, WIDTH))
    writer.add_tensor("blk.0.ffn_down.weight", weights(WIDTH, FORWARD))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _byte_letters() -> list[str]:
    """The letter that stands for each byte in a vocabulary of GPT-2's kind."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(others)) for byte in range(256)]


@contextmanager
def serving(folder: Path, context: int) -> Iterator[str]:
    """llama.cpp's server with a context of so many tokens; gives its OPENAI_BASE_URL."""
    path = folder / f"tiny-{context}.gguf"
    write_model(path, context)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames, params.port = ["127.0.0.1"], free_port()
    params.n_ctx, params.n_parallel, params.warmup = context, 1, False
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server
